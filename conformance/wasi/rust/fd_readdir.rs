//! Every entry once, however small the buffer is.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    for name in ["d/a", "d/b", "d/a-longer-name"] {
        directory("d");
        file(name, b"");
    }
    directory("d/sub");
    let d = opened("d", DIRECTORY, 1 << 14);
    for size in [48, 64, 4_096] {
        // Entries with one letter, with three, with the longer name, and the two of the directory itself.
        let (mut names, mut cookie, mut rounds) = (0, 0, 0);
        loop {
            is!(fd_readdir(d, data(), size, cookie, result()), OK);
            let (used, mut at) = (u32_at(result()), 0);
            while at + 24 <= used {
                let length = u32_at(data() + at + 16);
                if at + 24 + length > used {
                    break;
                }
                let name = bytes(data() + at + 24, length);
                let ty = u8_at(data() + at + 20);
                let expected = if name == b"sub" || name[0] == b'.' { DIR_TYPE } else { FILE_TYPE };
                is!(ty, expected);
                cookie = u64_at(data() + at);
                names += 1;
                at += 24 + length;
            }
            rounds += 1;
            if used < size || rounds > 20 {
                break;
            }
        }
        is!(names, 6);
    }
    is!(fd_readdir(d, data(), 0, 0, result()), OK);
    is!(u32_at(result()), 0);
    is!(fd_readdir(d, end() - 8, 9, 0, result()), FAULT);
    is!(fd_readdir(d, data(), 100, 0, end() - 3), FAULT);
    is!(fd_readdir(opened("d/a", 0, READ), data(), 100, 0, result()), NOTDIR);
    is!(fd_readdir(NONE, data(), 100, 0, result()), BADF);
}
