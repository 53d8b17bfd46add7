// What the programs of one function each share: the imports, checks that say what is wrong and go on, and the usual calls.
// No library in between: the numbers a program passes are the numbers that arrive.

#![allow(dead_code, static_mut_refs)]

use core::arch::wasm32::memory_size;

/// The imports, as the interface has them; what is a pointer or a size there is a `u32` here.
pub mod raw {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub safe fn args_get(pointers: u32, buffer: u32) -> u32;
        pub safe fn args_sizes_get(count: u32, size: u32) -> u32;
        pub safe fn environ_get(pointers: u32, buffer: u32) -> u32;
        pub safe fn environ_sizes_get(count: u32, size: u32) -> u32;
        pub safe fn clock_res_get(id: u32, result: u32) -> u32;
        pub safe fn clock_time_get(id: u32, precision: u64, result: u32) -> u32;
        pub safe fn fd_advise(fd: u32, offset: u64, length: u64, advice: u32) -> u32;
        pub safe fn fd_allocate(fd: u32, offset: u64, length: u64) -> u32;
        pub safe fn fd_close(fd: u32) -> u32;
        pub safe fn fd_datasync(fd: u32) -> u32;
        pub safe fn fd_fdstat_get(fd: u32, result: u32) -> u32;
        pub safe fn fd_fdstat_set_flags(fd: u32, flags: u32) -> u32;
        pub safe fn fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) -> u32;
        pub safe fn fd_filestat_get(fd: u32, result: u32) -> u32;
        pub safe fn fd_filestat_set_size(fd: u32, size: u64) -> u32;
        pub safe fn fd_filestat_set_times(fd: u32, accessed: u64, modified: u64, flags: u32) -> u32;
        pub safe fn fd_pread(fd: u32, buffers: u32, count: u32, offset: u64, result: u32) -> u32;
        pub safe fn fd_prestat_get(fd: u32, result: u32) -> u32;
        pub safe fn fd_prestat_dir_name(fd: u32, path: u32, length: u32) -> u32;
        pub safe fn fd_pwrite(fd: u32, buffers: u32, count: u32, offset: u64, result: u32) -> u32;
        pub safe fn fd_read(fd: u32, buffers: u32, count: u32, result: u32) -> u32;
        pub safe fn fd_readdir(fd: u32, buffer: u32, length: u32, cookie: u64, result: u32) -> u32;
        pub safe fn fd_renumber(fd: u32, to: u32) -> u32;
        pub safe fn fd_seek(fd: u32, offset: i64, whence: u32, result: u32) -> u32;
        pub safe fn fd_sync(fd: u32) -> u32;
        pub safe fn fd_tell(fd: u32, result: u32) -> u32;
        pub safe fn fd_write(fd: u32, buffers: u32, count: u32, result: u32) -> u32;
        pub safe fn path_create_directory(fd: u32, path: u32, length: u32) -> u32;
        pub safe fn path_filestat_get(fd: u32, flags: u32, path: u32, length: u32, result: u32) -> u32;
        pub safe fn path_filestat_set_times(
            fd: u32, flags: u32, path: u32, length: u32, accessed: u64, modified: u64, times: u32,
        ) -> u32;
        pub safe fn path_link(
            fd: u32, flags: u32, path: u32, length: u32, new_fd: u32, new_path: u32, new_length: u32,
        ) -> u32;
        pub safe fn path_open(
            fd: u32, lookup: u32, path: u32, length: u32, open: u32, base: u64, inheriting: u64, flags: u32, result: u32,
        ) -> u32;
        pub safe fn path_readlink(
            fd: u32, path: u32, length: u32, buffer: u32, buffer_length: u32, result: u32,
        ) -> u32;
        pub safe fn path_remove_directory(fd: u32, path: u32, length: u32) -> u32;
        pub safe fn path_rename(
            fd: u32, path: u32, length: u32, new_fd: u32, new_path: u32, new_length: u32,
        ) -> u32;
        pub safe fn path_symlink(contents: u32, contents_length: u32, fd: u32, path: u32, length: u32) -> u32;
        pub safe fn path_unlink_file(fd: u32, path: u32, length: u32) -> u32;
        pub safe fn poll_oneoff(subscriptions: u32, events: u32, count: u32, result: u32) -> u32;
        pub safe fn proc_exit(status: u32) -> !;
        pub safe fn proc_raise(signal: u32) -> u32;
        pub safe fn random_get(buffer: u32, length: u32) -> u32;
        pub safe fn sched_yield() -> u32;
        pub safe fn sock_accept(fd: u32, flags: u32, result: u32) -> u32;
        pub safe fn sock_recv(
            fd: u32, buffers: u32, count: u32, flags: u32, result: u32, result_flags: u32,
        ) -> u32;
        pub safe fn sock_send(fd: u32, buffers: u32, count: u32, flags: u32, result: u32) -> u32;
        pub safe fn sock_shutdown(fd: u32, how: u32) -> u32;
    }
}
pub use raw::*;

pub const OK: u32 = 0;
pub const AGAIN: u32 = 6;
pub const BADF: u32 = 8;
pub const EXIST: u32 = 20;
pub const FAULT: u32 = 21;
pub const FBIG: u32 = 22;
pub const ILSEQ: u32 = 25;
pub const INVAL: u32 = 28;
pub const ISDIR: u32 = 31;
pub const LOOP: u32 = 32;
pub const NAMETOOLONG: u32 = 37;
pub const NOENT: u32 = 44;
pub const NOTDIR: u32 = 54;
pub const NOTEMPTY: u32 = 55;
pub const NOTSOCK: u32 = 57;
pub const NOTSUP: u32 = 58;
pub const PERM: u32 = 63;
pub const SPIPE: u32 = 70;
pub const NOTCAPABLE: u32 = 76;

/// Flags of `path_open`, rights, types of files, flags of descriptors.
pub const CREATE: u32 = 1;
pub const DIRECTORY: u32 = 2;
pub const EXCLUSIVE: u32 = 4;
pub const TRUNCATE: u32 = 8;
pub const READ: u64 = 1 << 1;
pub const SEEK: u64 = 1 << 2;
pub const WRITE: u64 = 1 << 6;
/// All that files have, and all that directories have.
pub const FILE: u64 = 0x8e001ff;
pub const BELOW: u64 = 0x7bffe00;
pub const DIR_TYPE: u32 = 3;
pub const FILE_TYPE: u32 = 4;
pub const LINK_TYPE: u32 = 7;
pub const APPEND: u32 = 1;
pub const NONBLOCK: u32 = 4;

/// The directory that was handed over, and a number that no descriptor has.
pub const ROOT: u32 = 3;
pub const NONE: u32 = 99;

/// Places in memory of the program's own.
#[repr(align(8))]
pub struct Place(pub [u8; 4_096]);
pub static mut RESULT: Place = Place([0; 4_096]);
pub static mut DATA: Place = Place([0; 4_096]);
static mut LIST: Place = Place([0; 4_096]);
static mut FAILED: u32 = 0;

pub fn result() -> u32 {
    unsafe { RESULT.0.as_ptr() as u32 }
}
pub fn data() -> u32 {
    unsafe { DATA.0.as_ptr() as u32 }
}
/// One past the last byte of memory.
pub fn end() -> u32 {
    (memory_size(0) << 16) as u32
}
pub fn u32_at(at: u32) -> u32 {
    unsafe { (at as *const u32).read_unaligned() }
}
pub fn u64_at(at: u32) -> u64 {
    unsafe { (at as *const u64).read_unaligned() }
}
pub fn u8_at(at: u32) -> u32 {
    unsafe { (at as *const u8).read().into() }
}
pub fn u16_at(at: u32) -> u32 {
    unsafe { (at as *const u16).read_unaligned().into() }
}
pub fn put(at: u32, bytes: &[u8]) {
    unsafe { core::ptr::copy(bytes.as_ptr(), at as *mut u8, bytes.len()) }
}
pub fn bytes<'a>(at: u32, length: u32) -> &'a [u8] {
    unsafe { core::slice::from_raw_parts(at as *const u8, length as usize) }
}

/// What the compiler calls to compare texts.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, length: usize) -> i32 {
    for at in 0..length {
        let (a, b) = unsafe { (a.add(at).read(), b.add(at).read()) };
        if a != b {
            return i32::from(a) - i32::from(b);
        }
    }
    0
}

fn print(text: &[u8]) {
    let piece = [text.as_ptr() as u32, text.len() as u32];
    let mut written = 0_u32;
    fd_write(2, piece.as_ptr() as u32, 1, &raw mut written as u32);
}

fn print_number(mut number: u64) {
    let (mut digits, mut at) = ([0; 20], 20);
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return print(&digits[at..]);
        }
    }
}

/// Notes that something is not as it has to be, and goes on.
#[inline(never)]
pub fn wrong(line: u32, what: &str, found: u64, expected: u64) {
    unsafe { FAILED = 1 };
    print_number(line.into());
    print(b": ");
    print(what.as_bytes());
    print(b": expected ");
    print_number(expected);
    print(b", found ");
    print_number(found);
    print(b"\n");
}

pub fn failed() -> u32 {
    unsafe { FAILED }
}

/// What is found has to be what is expected.
#[macro_export]
macro_rules! is {
    ($found:expr, $expected:expr) => {{
        let (found, expected) = ($found as u64, $expected as u64);
        if found != expected {
            wrong(line!(), stringify!($found), found, expected);
        }
    }};
}

/// The program: it ends with status 0 where nothing was wrong.
#[macro_export]
macro_rules! program {
    ($($body:tt)*) => {
        #[unsafe(no_mangle)]
        pub extern "C" fn _start() {
            { $($body)* }
            if failed() != 0 {
                proc_exit(1);
            }
        }

        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            core::arch::wasm32::unreachable()
        }
    };
}

/// Where a list of these buffers is.
pub fn list(buffers: &[(u32, u32)]) -> u32 {
    let at = unsafe { LIST.0.as_ptr() as u32 };
    for (index, (address, length)) in buffers.iter().enumerate() {
        put(at + index as u32 * 8, &address.to_le_bytes());
        put(at + index as u32 * 8 + 4, &length.to_le_bytes());
    }
    at
}

/// Opens a path, following a link at its end; the new number is at `result()`.
pub fn open(fd: u32, path: &str, flags: u32, rights: u64) -> u32 {
    path_open(fd, 1, path.as_ptr() as u32, path.len() as u32, flags, rights, if flags & DIRECTORY == 0 { 0 } else { FILE }, 0, result())
}

/// The new descriptor, which there has to be.
pub fn opened(path: &str, flags: u32, rights: u64) -> u32 {
    let errno = open(ROOT, path, flags, rights);
    if errno != OK {
        wrong(0, path, errno.into(), 0);
        proc_exit(1);
    }
    u32_at(result())
}

/// A new file with contents, open for everything.
pub fn file(path: &str, contents: &[u8]) -> u32 {
    let fd = opened(path, CREATE | TRUNCATE, FILE);
    write(fd, contents);
    fd_seek(fd, 0, 0, result());
    fd
}

/// A new directory.
pub fn directory(path: &str) {
    path_create_directory(ROOT, path.as_ptr() as u32, path.len() as u32);
}

pub fn symlink(contents: &str, path: &str) -> u32 {
    let (contents, length) = (contents.as_ptr() as u32, contents.len() as u32);
    path_symlink(contents, length, ROOT, path.as_ptr() as u32, path.len() as u32)
}

/// Writes; how much is at `result()`.
pub fn write(fd: u32, contents: &[u8]) -> u32 {
    fd_write(fd, list(&[(contents.as_ptr() as u32, contents.len() as u32)]), 1, result())
}

/// Reads at most so much to `data()`; how much is at `result()`.
pub fn read(fd: u32, length: u32) -> u32 {
    fd_read(fd, list(&[(data(), length)]), 1, result())
}

/// Whether that is what is in a file from where it stands.
pub fn holds(fd: u32, contents: &[u8]) -> bool {
    fd_seek(fd, 0, 0, result()) == OK
        && read(fd, 4_096) == OK
        && bytes(data(), u32_at(result())) == contents
}

/// The errno of looking at a path; what is known is at `result()`.
pub fn look(path: &str, flags: u32) -> u32 {
    path_filestat_get(ROOT, flags, path.as_ptr() as u32, path.len() as u32, result())
}

/// Calls a function with each path that can be none, and what it has to answer.
pub fn odd_paths(mut call: impl FnMut(u32, u32) -> u32) {
    const LONG: [u8; 300] = [b'a'; 300];
    let cases: [(&[u8], u32, &str); 7] = [
        (b"", NOENT, "an empty path"),
        (b"a\0b", INVAL, "a path with a NUL"),
        (b"\xff", ILSEQ, "a path that is not UTF-8"),
        (b"/absolute", PERM, "an absolute path"),
        (b"../outside", PERM, "a path that leads outside"),
        (b"x/../../outside", NOENT, "a path through what is not there"),
        (&LONG, NAMETOOLONG, "a name that is too long"),
    ];
    for (path, expected, what) in cases {
        let found = call(path.as_ptr() as u32, path.len() as u32);
        if found != expected {
            wrong(0, what, found.into(), expected.into());
        }
    }
    is!(call(end() - 1, 2), FAULT);
    is!(call(u32::MAX, 1), FAULT);
}
