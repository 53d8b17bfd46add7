//! What a link says, as much of it as there is room for.
#![no_std]
#![no_main]

#[path = "wasi.rs"]
mod wasi;
use wasi::*;

program! {
    let say = |path: &str, room| path_readlink(ROOT, path.as_ptr() as u32, path.len() as u32, data(), room, result());
    is!(symlink("some/where", "link"), OK);
    is!(say("link", 100), OK);
    is!(bytes(data(), u32_at(result())) == b"some/where", true);
    put(data(), b"......");
    is!(say("link", 4), OK);
    is!(u32_at(result()), 4);
    is!(bytes(data(), 6) == b"some..", true);
    is!(say("link", 0), OK);
    is!(u32_at(result()), 0);
    file("file", b"");
    is!(say("file", 100), INVAL);
    is!(say(".", 100), INVAL);
    is!(say("missing", 100), NOENT);
    odd_paths(|path, length| path_readlink(ROOT, path, length, data(), 100, result()));
    is!(path_readlink(ROOT, "link".as_ptr() as u32, 4, end() - 9, 10, result()), FAULT);
    is!(path_readlink(ROOT, "link".as_ptr() as u32, 4, data(), 10, end() - 3), FAULT);
    is!(path_readlink(NONE, data(), 1, data(), 10, result()), BADF);
}
