//! Times of what is at a path, or of the link there.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let at = result();
    let set = |path: &str, follow, accessed, modified, flags| {
        path_filestat_set_times(ROOT, follow, path.as_ptr() as u32, path.len() as u32, accessed, modified, flags)
    };
    file("file", b"");
    is!(symlink("file", "link"), OK);
    is!(set("file", 0, 1_000_000_007, 2_000_000_009, 1 | 4), OK);
    is!(look("file", 0), OK);
    is!(u64_at(at + 40), 1_000_000_007);
    is!(u64_at(at + 48), 2_000_000_009);
    is!(set("link", 1, 0, 3_000_000_000, 4), OK);
    is!(look("file", 0), OK);
    is!(u64_at(at + 48), 3_000_000_000);
    is!(set("link", 0, 0, 4_000_000_000, 4), OK);
    is!(look("link", 0), OK);
    is!(u64_at(at + 48), 4_000_000_000);
    is!(look("file", 0), OK);
    is!(u64_at(at + 48), 3_000_000_000);
    is!(set("file", 0, 0, 0, 8), OK);
    is!(look("file", 0), OK);
    is!(u64_at(at + 48) > 1_700_000_000_000_000_000, true);
    is!(set("file", 0, 0, 0, 1 | 2), INVAL);
    is!(set("file", 0, 0, 0, 4 | 8), INVAL);
    is!(set("file", 0, 0, 0, 16), INVAL);
    is!(set("missing", 0, 0, 0, 1), NOENT);
    odd_paths(|path, length| path_filestat_set_times(ROOT, 0, path, length, 0, 0, 1));
    is!(path_filestat_set_times(NONE, 0, data(), 1, 0, 0, 1), BADF);
}
