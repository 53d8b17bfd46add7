//! What differs in `wasi_unstable`.

use crate::guest::*;
use wrt_wasi::{WasiP1, host, preview1};

// @need-ids: REQ_WASI_001
#[test]
fn old_guests_have_their_numbers_and_places() {
    let folder = Folder::new("unstable");
    let mut builder = WasiP1::builder();
    builder.platform(host::HostPlatform);
    give(&mut builder, "/", folder.path(), true);
    let mut guest = Guest::importing(preview1::UNSTABLE_MODULE, builder.build().unwrap());
    let fd = guest.open(3, "file", CREATE, ALL).unwrap();
    assert_eq!(guest.write(fd, b"0123456789"), Ok(10));
    // From where it stands, from the end, from the start.
    for (offset, whence, expected) in [(-3, 0, 7), (-1, 1, 9), (2, 2, 2)] {
        assert_eq!(guest.call("fd_seek", &[fd, offset, whence, RESULT]), OK);
        assert_eq!(guest.u64_at(RESULT), expected);
    }
    assert_eq!(guest.call("fd_seek", &[fd, 0, 3, RESULT]), INVAL);
    assert_eq!(guest.call("fd_filestat_set_times", &[fd, 5, 7, 5]), OK);
    for name in ["fd_filestat_get", "path_filestat_get"] {
        guest.put(RESULT, &[0xaa; 64]);
        let errno = match name {
            "fd_filestat_get" => guest.call(name, &[fd, RESULT]),
            _ => guest.on_path(name, 3, &[0], b"file", &[RESULT]),
        };
        assert_eq!(errno, OK, "{name}");
        assert_eq!((guest.bytes(RESULT + 16, 1), guest.u32_at(RESULT + 20)), (vec![4], 1), "type and links");
        let times = [24, 32, 40].map(|at| guest.u64_at(RESULT + at));
        assert_eq!(times, [10, 5, 7], "size and times");
        assert_eq!(guest.bytes(RESULT + 56, 8), [0xaa; 8], "nothing behind it");
    }
    // A time on a clock, with an identifier before it; and a file.
    let mut subscriptions = [0; 112];
    subscriptions[..8].copy_from_slice(&7_u64.to_le_bytes());
    subscriptions[24..28].copy_from_slice(&1_u32.to_le_bytes());
    subscriptions[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    subscriptions[56..64].copy_from_slice(&8_u64.to_le_bytes());
    subscriptions[64] = 1;
    subscriptions[72..76].copy_from_slice(&(fd as u32).to_le_bytes());
    guest.put(DATA, &subscriptions);
    assert_eq!(guest.call("poll_oneoff", &[DATA, LIST, 2, RESULT]), OK);
    assert_eq!((guest.u32_at(RESULT), guest.u64_at(LIST)), (1, 8));
    guest.put(DATA + 32, &1_u64.to_le_bytes());
    assert_eq!(guest.call("poll_oneoff", &[DATA, LIST, 1, RESULT]), OK);
    assert_eq!((guest.u32_at(RESULT), guest.u64_at(LIST)), (1, 7));
}
