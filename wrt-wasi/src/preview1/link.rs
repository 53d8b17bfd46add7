//! The functions by name.

// @need-ids: REQ_WASI_001

use super::context::WasiP1;
use super::guest::Guest;
use super::unstable::Snapshot;
use super::{calls, process};
use crate::platform::Result;
use wrt::{Caller, Error, Extern, Linker};

/// The module name that guests import.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The module name of the snapshot before, which old guests import: the same functions but for one, and a few numbers and
/// places that differ.
pub const UNSTABLE_MODULE: &str = "wasi_unstable";

/// The calling guest's memory and what it has. A guest that exports no memory named so has none: every address is
/// outside then.
#[inline(always)]
fn enter<'c, T: 'static>(
    caller: &'c mut Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiP1,
    snapshot: Snapshot,
) -> (Guest<'c>, &'c mut WasiP1) {
    let instance = caller.instance();
    let memory = match get(caller.data_mut()).memory {
        Some((known, memory)) if Some(known) == instance => Some(memory),
        _ => find_memory(caller, &get),
    };
    match memory {
        Some(memory) => {
            let (bytes, data) = memory.data_and_store_mut(caller);
            (Guest::new(bytes, snapshot), get(data))
        }
        None => (Guest::new(<&mut [u8]>::default(), snapshot), get(caller.data_mut())),
    }
}

#[cold]
fn find_memory<T>(caller: &mut Caller<'_, T>, get: &impl Fn(&mut T) -> &mut WasiP1) -> Option<wrt::Memory> {
    let instance = caller.instance()?;
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return None };
    get(caller.data_mut()).memory = Some((instance, memory));
    Some(memory)
}

fn number(result: Result<()>) -> u32 {
    result.map_or_else(|errno| u32::from(errno.number()), |()| 0)
}

macro_rules! functions {
    ($linker:ident, $module:ident, $snapshot:expr, $get:ident: $($name:ident($($arg:ident: $ty:ty),*);)*) => { $(
        $linker.func_wrap($module, stringify!($name), move |mut caller: Caller<'_, T>, $($arg: $ty),*| -> u32 {
            let (mut guest, wasi) = enter(&mut caller, $get, $snapshot);
            let result = wasi.$name(&mut guest, $($arg),*);
            if result.is_err() || calls::are_told() {
                calls::tell(wasi, &guest, stringify!($name), &[$((stringify!($arg), $arg as u64)),*], result);
            }
            number(result)
        })?;
    )* };
}

/// Defines all functions, also those of the snapshot before. `get` finds what the guest has in the data of its store.
///
/// # Errors
/// [`wrt::LinkError::Duplicate`].
// @need-ids: REQ_WASI_001
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1 + Copy + Send + Sync + 'static,
) -> core::result::Result<(), Error> {
    add_snapshot(linker, MODULE, Snapshot::Preview1, get)?;
    functions! { linker, MODULE, Snapshot::Preview1, get:
        sock_accept(fd: u32, flags: u32, result: u32);
    }
    add_snapshot(linker, UNSTABLE_MODULE, Snapshot::Unstable, get)
}

/// What both snapshots have.
fn add_snapshot<T: 'static>(
    linker: &mut Linker<T>,
    module: &str,
    snapshot: Snapshot,
    get: impl Fn(&mut T) -> &mut WasiP1 + Copy + Send + Sync + 'static,
) -> core::result::Result<(), Error> {
    functions! { linker, module, snapshot, get:
        args_get(pointers: u32, buffer: u32);
        args_sizes_get(count: u32, size: u32);
        environ_get(pointers: u32, buffer: u32);
        environ_sizes_get(count: u32, size: u32);
        clock_res_get(id: u32, result: u32);
        clock_time_get(id: u32, precision: u64, result: u32);
        fd_advise(fd: u32, offset: u64, length: u64, advice: u32);
        fd_allocate(fd: u32, offset: u64, length: u64);
        fd_close(fd: u32);
        fd_datasync(fd: u32);
        fd_fdstat_get(fd: u32, result: u32);
        fd_fdstat_set_flags(fd: u32, flags: u32);
        fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64);
        fd_filestat_get(fd: u32, result: u32);
        fd_filestat_set_size(fd: u32, size: u64);
        fd_filestat_set_times(fd: u32, accessed: u64, modified: u64, flags: u32);
        fd_pread(fd: u32, buffers: u32, count: u32, offset: u64, result: u32);
        fd_prestat_get(fd: u32, result: u32);
        fd_prestat_dir_name(fd: u32, buffer: u32, length: u32);
        fd_pwrite(fd: u32, buffers: u32, count: u32, offset: u64, result: u32);
        fd_read(fd: u32, buffers: u32, count: u32, result: u32);
        fd_readdir(fd: u32, buffer: u32, length: u32, cookie: u64, result: u32);
        fd_renumber(fd: u32, to: u32);
        fd_seek(fd: u32, offset: i64, whence: u32, result: u32);
        fd_sync(fd: u32);
        fd_tell(fd: u32, result: u32);
        fd_write(fd: u32, buffers: u32, count: u32, result: u32);
        path_create_directory(fd: u32, path: u32, length: u32);
        path_filestat_get(fd: u32, flags: u32, path: u32, length: u32, result: u32);
        path_filestat_set_times(
            fd: u32, flags: u32, path: u32, length: u32, accessed: u64, modified: u64, times: u32
        );
        path_link(
            fd: u32, flags: u32, path: u32, length: u32, new_fd: u32, new_path: u32, new_length: u32
        );
        path_open(
            fd: u32, lookup: u32, path: u32, length: u32, open: u32, base: u64, inheriting: u64, flags: u32, result: u32
        );
        path_readlink(fd: u32, path: u32, length: u32, buffer: u32, buffer_length: u32, result: u32);
        path_remove_directory(fd: u32, path: u32, length: u32);
        path_rename(fd: u32, path: u32, length: u32, new_fd: u32, new_path: u32, new_length: u32);
        path_symlink(old_path: u32, old_length: u32, fd: u32, path: u32, length: u32);
        path_unlink_file(fd: u32, path: u32, length: u32);
        poll_oneoff(subscriptions: u32, events: u32, count: u32, result: u32);
        proc_raise(signal: u32);
        random_get(buffer: u32, length: u32);
        sched_yield();
        sock_recv(fd: u32, buffers: u32, count: u32, flags: u32, result: u32, result_flags: u32);
        sock_send(fd: u32, buffers: u32, count: u32, flags: u32, result: u32);
        sock_shutdown(fd: u32, how: u32);
    }
    linker.func_wrap(module, "proc_exit", |status: u32| -> core::result::Result<(), Error> {
        Err(process::proc_exit(status))
    })?;
    Ok(())
}
