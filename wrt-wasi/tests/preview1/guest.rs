//! A guest that does nothing but pass on calls: each function of Preview 1 is exported under its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use wrt::{Engine, Error, Func, Instance, Linker, Memory, Module, Store, Val};
use wrt_wasi::platform::Preopen;
use wrt_wasi::{WasiP1, WasiP1Builder, host, preview1};

/// All functions with the types of their parameters: `i` for 32 bits, `l` for 64.
pub(crate) const FUNCTIONS: [(&str, &str); 46] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "ili"),
    ("fd_advise", "illi"),
    ("fd_allocate", "ill"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "ill"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "il"),
    ("fd_filestat_set_times", "illi"),
    ("fd_pread", "iiili"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiili"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiili"),
    ("fd_renumber", "ii"),
    ("fd_seek", "ilii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiilli"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiillii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("proc_exit", "i"),
    ("proc_raise", "i"),
    ("sched_yield", ""),
    ("random_get", "ii"),
    ("sock_accept", "iii"),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

/// Pages of the guest's memory.
pub(crate) const PAGES: u32 = 4;
/// Where results go.
pub(crate) const RESULT: i64 = 16;
/// Where a list of buffers is.
pub(crate) const LIST: i64 = 1 << 10;
/// Where the first path is, and the second.
pub(crate) const PATH: i64 = 8 << 10;
pub(crate) const OTHER_PATH: i64 = 24 << 10;
/// Where data is.
pub(crate) const DATA: i64 = 64 << 10;

/// The error numbers that tests name.
pub(crate) const OK: u32 = 0;
pub(crate) const AGAIN: u32 = 6;
pub(crate) const BADF: u32 = 8;
pub(crate) const EXIST: u32 = 20;
pub(crate) const FAULT: u32 = 21;
pub(crate) const ILSEQ: u32 = 25;
pub(crate) const INVAL: u32 = 28;
pub(crate) const ISDIR: u32 = 31;
pub(crate) const LOOP: u32 = 32;
pub(crate) const MFILE: u32 = 33;
pub(crate) const NAMETOOLONG: u32 = 37;
pub(crate) const NOENT: u32 = 44;
pub(crate) const NOTDIR: u32 = 54;
pub(crate) const NOTEMPTY: u32 = 55;
pub(crate) const NOTSOCK: u32 = 57;
pub(crate) const NOTSUP: u32 = 58;
pub(crate) const NXIO: u32 = 60;
pub(crate) const PERM: u32 = 63;
pub(crate) const ROFS: u32 = 69;
pub(crate) const SPIPE: u32 = 70;
pub(crate) const NOTCAPABLE: u32 = 76;

/// Flags of `path_open`.
pub(crate) const CREATE: i64 = 1;
pub(crate) const DIRECTORY: i64 = 2;
pub(crate) const EXCLUSIVE: i64 = 4;
pub(crate) const TRUNCATE: i64 = 8;

/// Rights.
pub(crate) const READ: i64 = 1 << 1;
pub(crate) const SET_FLAGS: i64 = 1 << 3;
pub(crate) const WRITE: i64 = 1 << 6;
pub(crate) const ALL: i64 = (1 << 30) - 1;

/// The guest's text, importing from `module`; the snapshot before has no `sock_accept`.
fn text(module: &str) -> String {
    let ty = |(name, params): (&str, &str)| {
        let types: Vec<&str> = params.chars().map(|kind| if kind == 'i' { "i32" } else { "i64" }).collect();
        let result = if name == "proc_exit" { "" } else { "(result i32)" };
        format!("(param {}) {result}", types.join(" "))
    };
    let import = |function: (&str, &str)| {
        let (name, ty) = (function.0, ty(function));
        format!("(import \"{module}\" \"{name}\" (func ${name} {ty}))")
    };
    let export = |function: (&str, &str)| {
        let (name, ty) = (function.0, ty(function));
        let args: Vec<String> = (0..function.1.len()).map(|index| format!("(local.get {index})")).collect();
        format!("(func (export \"{name}\") {ty} (call ${name} {}))", args.concat())
    };
    let there = |name: &str| module == preview1::MODULE || name != "sock_accept";
    let functions = || FUNCTIONS.into_iter().filter(|(name, _)| there(name));
    let (imports, exports): (String, String) = (functions().map(import).collect(), functions().map(export).collect());
    format!("(module {imports} (memory (export \"memory\") {PAGES} {PAGES}) {exports})")
}

/// The guest.
pub(crate) struct Guest {
    pub(crate) store: Store<WasiP1>,
    instance: Instance,
    memory: Memory,
}

impl Guest {
    pub(crate) fn new(wasi: WasiP1) -> Self {
        Self::importing(preview1::MODULE, wasi)
    }

    pub(crate) fn importing(module: &str, wasi: WasiP1) -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, wat::parse_str(text(module)).unwrap()).unwrap();
        let mut linker = Linker::new(&engine);
        preview1::add_to_linker(&mut linker, |wasi: &mut WasiP1| wasi).unwrap();
        let mut store = Store::new(&engine, wasi);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        Self { store, instance, memory }
    }

    /// With one directory, at descriptor 3.
    pub(crate) fn in_directory(folder: &Path, writable: bool) -> Self {
        let mut builder = WasiP1::builder();
        builder.platform(host::HostPlatform);
        give(&mut builder, "/", folder, writable);
        Self::new(builder.build().unwrap())
    }

    pub(crate) fn try_call(&mut self, name: &str, args: &[i64]) -> Result<u32, Error> {
        let func: Func = self.instance.get_func(&self.store, name).expect("all are exported");
        let (_, kinds) = FUNCTIONS.iter().find(|(known, _)| *known == name).unwrap();
        assert_eq!(kinds.len(), args.len(), "{name}");
        let one = |(kind, arg): (char, &i64)| if kind == 'i' { Val::I32(*arg as i32) } else { Val::I64(*arg) };
        let args: Vec<_> = kinds.chars().zip(args).map(one).collect();
        let mut results = vec![Val::I32(0); usize::from(name != "proc_exit")];
        func.call(&mut self.store, &args, &mut results)?;
        match results.first() {
            Some(Val::I32(errno)) => Ok(*errno as u32),
            _ => Ok(OK),
        }
    }

    /// Calls a function; its error number.
    pub(crate) fn call(&mut self, name: &str, args: &[i64]) -> u32 {
        self.try_call(name, args).unwrap_or_else(|error| panic!("{name} {args:?}: {error}"))
    }

    pub(crate) fn put(&mut self, at: i64, bytes: &[u8]) {
        self.memory.write(&mut self.store, at as usize, bytes).unwrap();
    }

    pub(crate) fn bytes(&self, at: i64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.memory.read(&self.store, at as usize, &mut bytes).unwrap();
        bytes
    }

    pub(crate) fn u32_at(&self, at: i64) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap())
    }

    pub(crate) fn u64_at(&self, at: i64) -> u64 {
        u64::from_le_bytes(self.bytes(at, 8).try_into().unwrap())
    }

    /// Writes a list of buffers.
    pub(crate) fn list(&mut self, buffers: &[(u32, u32)]) {
        let bytes: Vec<u8> =
            buffers.iter().flat_map(|(at, length)| [at.to_le_bytes(), length.to_le_bytes()].concat()).collect();
        self.put(LIST, &bytes);
    }

    /// A call of a function on a path whose arguments are the descriptor, those given, and the path.
    pub(crate) fn on_path(&mut self, name: &str, fd: i64, before: &[i64], path: &[u8], behind: &[i64]) -> u32 {
        self.put(PATH, path);
        let args = [&[fd], before, &[PATH, path.len() as i64], behind].concat();
        self.call(name, &args)
    }

    pub(crate) fn open(&mut self, fd: i64, path: &str, flags: i64, rights: i64) -> Result<i64, u32> {
        self.open_with(fd, 1, path.as_bytes(), flags, rights, ALL)
    }

    pub(crate) fn open_with(
        &mut self,
        fd: i64,
        lookup: i64,
        path: &[u8],
        flags: i64,
        rights: i64,
        inheriting: i64,
    ) -> Result<i64, u32> {
        match self.on_path("path_open", fd, &[lookup], path, &[flags, rights, inheriting, 0, RESULT]) {
            OK => Ok(i64::from(self.u32_at(RESULT))),
            errno => Err(errno),
        }
    }

    /// Calls a function with two descriptors and two paths.
    pub(crate) fn on_paths(&mut self, name: &str, (fd, path): (i64, &str), (to, new): (i64, &str)) -> u32 {
        self.put(PATH, path.as_bytes());
        self.put(OTHER_PATH, new.as_bytes());
        let (length, new_length) = (path.len() as i64, new.len() as i64);
        match name {
            "path_link" => self.call(name, &[fd, 0, PATH, length, to, OTHER_PATH, new_length]),
            _ => self.call(name, &[fd, PATH, length, to, OTHER_PATH, new_length]),
        }
    }

    pub(crate) fn symlink(&mut self, contents: &str, fd: i64, path: &str) -> u32 {
        self.put(OTHER_PATH, contents.as_bytes());
        self.put(PATH, path.as_bytes());
        self.call("path_symlink", &[OTHER_PATH, contents.len() as i64, fd, PATH, path.len() as i64])
    }

    pub(crate) fn write(&mut self, fd: i64, bytes: &[u8]) -> Result<u32, u32> {
        self.put(DATA, bytes);
        self.list(&[(DATA as u32, bytes.len() as u32)]);
        match self.call("fd_write", &[fd, LIST, 1, RESULT]) {
            OK => Ok(self.u32_at(RESULT)),
            errno => Err(errno),
        }
    }

    pub(crate) fn read(&mut self, fd: i64, length: u32) -> Result<Vec<u8>, u32> {
        self.list(&[(DATA as u32, length)]);
        match self.call("fd_read", &[fd, LIST, 1, RESULT]) {
            OK => Ok(self.bytes(DATA, self.u32_at(RESULT) as usize)),
            errno => Err(errno),
        }
    }

    pub(crate) fn close(&mut self, fd: i64) -> u32 {
        self.call("fd_close", &[fd])
    }
}

/// Hands a directory over.
pub(crate) fn give(builder: &mut WasiP1Builder, name: &str, folder: &Path, writable: bool) {
    let directory = host::directory(folder).unwrap();
    builder.preopen(Preopen { name: name.into(), directory, writable });
}

/// A folder of a test's own, gone when it is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
