//! What a WASI guest is given: arguments, environment, streams, directories. All of it stands on the command line.

// @need-ids: REQ_WASI_005

use crate::failure::{Class, Failure};
use clap::Args;
use clap_lex::OsStrExt as _;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use wrt::{Error, Linker, Module};
use wrt_safety::{LimitExceeded, Limits};
use wrt_wasi::platform::{File, FileType, Preopen};
use wrt_wasi::{Errno, Exit, WasiP1, host, preview1};

/// Descriptors that every guest has.
const STREAMS: u64 = 3;

/// What separates a host's directory from the guest's name of it.
const GUEST_NAME: &str = "::";

/// What a guest has of the system. Nothing else than what is said here.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "WASI")]
pub struct WasiOptions {
    /// Give the guest a directory, called GUEST there
    #[arg(long, value_name = "HOST[::GUEST]")]
    dir: Vec<OsString>,
    /// The same, but nothing in it can be changed
    #[arg(long, value_name = "HOST[::GUEST]")]
    ro_dir: Vec<OsString>,
    /// Set a variable of the guest's environment; without a value it is taken over
    #[arg(long, value_name = "NAME[=VALUE]")]
    env: Vec<OsString>,
    /// Take over the whole environment
    #[arg(long)]
    env_inherit: bool,
    /// The name that the guest is told it has been called by; otherwise FILE's last part
    #[arg(long, value_name = "NAME")]
    argv0: Option<OsString>,
    /// Where the guest reads standard input from
    #[arg(long, value_name = "FILE")]
    stdin: Option<OsString>,
    /// Where the guest's standard output goes to
    #[arg(long, value_name = "FILE")]
    stdout: Option<OsString>,
    /// Where the guest's standard error goes to
    #[arg(long, value_name = "FILE")]
    stderr: Option<OsString>,
}

/// Whether a module imports anything of WASI Preview 1, or of the snapshot before.
pub fn is_used(module: &Module) -> bool {
    module.imports().any(|import| [preview1::MODULE, preview1::UNSTABLE_MODULE].contains(&import.module))
}

/// Makes the functions importable.
///
/// # Errors
/// None that a linker without names has.
pub fn link(linker: &mut Linker<WasiP1>) -> Result<(), Error> {
    preview1::add_to_linker(linker, |wasi| wasi)
}

/// The status that the guest ended itself with, if that is what the error says.
pub fn exit_status(error: &Error) -> Option<u8> {
    // A system keeps the lower eight bits.
    error.downcast_ref::<Exit>().map(|exit| exit.0 as u8)
}

impl WasiOptions {
    /// Puts together what the guest has. `args` are those behind its name, `file` is what it is called by otherwise.
    // @need-ids: REQ_WASI_003, REQ_WASI_005
    pub fn context(&self, file: &OsStr, args: &[OsString], limits: &Limits) -> Result<WasiP1, Failure> {
        let mut builder = WasiP1::builder();
        builder.limits(limits).platform(host::HostPlatform);
        let name = self.argv0.as_deref().or(Path::new(file).file_name()).unwrap_or(file);
        for arg in [name].into_iter().chain(args.iter().map(OsString::as_os_str)) {
            builder.arg(arg.as_encoded_bytes()).map_err(|why| usage("an argument", arg, &why))?;
        }
        for (name, value) in self.environment()? {
            builder
                .env(name.as_encoded_bytes(), value.as_encoded_bytes())
                .map_err(|why| usage("a variable", &name, &why))?;
        }
        builder.stdin(stream(self.stdin.as_deref(), "standard input", host::input_file, host::stdin)?);
        builder.stdout(stream(self.stdout.as_deref(), "standard output", host::output_file, host::stdout)?);
        builder.stderr(stream(self.stderr.as_deref(), "standard error", host::output_file, host::stderr)?);
        let writable = self.dir.iter().map(|dir| (dir, true));
        for (dir, writable) in writable.chain(self.ro_dir.iter().map(|dir| (dir, false))) {
            builder.preopen(preopen(dir, writable)?);
        }
        builder.build().map_err(|errno| {
            let all = STREAMS + self.dir.len() as u64 + self.ro_dir.len() as u64;
            let message = match errno {
                Errno::ProcessFiles => {
                    LimitExceeded { key: "max-descriptors", limit: limits.max_descriptors.into(), wanted: all }
                        .to_string()
                }
                _ => format!("the guest's descriptors: {errno}"),
            };
            Failure::new(Class::Limit, message)
        })
    }

    /// What is taken over, and then what is set: the last of a name holds.
    fn environment(&self) -> Result<Vec<(OsString, OsString)>, Failure> {
        let mut all: Vec<(OsString, OsString)> =
            if self.env_inherit { std::env::vars_os().collect() } else { Vec::new() };
        for variable in &self.env {
            let (name, value) = match variable.split_once("=") {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (variable.as_os_str(), std::env::var_os(variable)),
            };
            if name.is_empty() {
                let message = format!("--env `{}` names no variable: NAME or NAME=VALUE", variable.to_string_lossy());
                return Err(Failure::new(Class::Usage, message));
            }
            all.retain(|(known, _)| known != name);
            all.extend(value.map(|value| (name.to_owned(), value)));
        }
        Ok(all)
    }
}

fn usage(what: &str, text: &OsStr, why: &dyn std::error::Error) -> Failure {
    Failure::new(Class::Usage, format!("{what} of the guest, `{}`, {why}", text.to_string_lossy()))
}

fn stream(
    path: Option<&OsStr>,
    what: &str,
    open: impl FnOnce(&Path) -> io::Result<Arc<dyn File>>,
    own: impl FnOnce() -> io::Result<Arc<dyn File>>,
) -> Result<Arc<dyn File>, Failure> {
    let opened = path.map_or_else(own, |path| open(Path::new(path))).and_then(|stream| {
        let is_directory = stream.stat().is_ok_and(|stat| stat.file_type == FileType::Directory);
        if is_directory { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(stream) }
    });
    let name = path.unwrap_or(OsStr::new("the process's own"));
    opened.map_err(|error| refused(&format!("cannot open {what}"), name, &error))
}

fn preopen(dir: &OsStr, writable: bool) -> Result<Preopen, Failure> {
    let (host, guest) = dir.split_once(GUEST_NAME).unwrap_or((dir, dir));
    let Some(name) = guest.to_str().map(String::from) else {
        return Err(Failure::new(
            Class::Usage,
            format!("the guest's name of `{}` is not UTF-8", host.to_string_lossy()),
        ));
    };
    let directory = host::directory(Path::new(host)).map_err(|error| refused("cannot open directory", host, &error))?;
    let how = if writable { "" } else { ", read-only" };
    log::info!("the guest has directory {} as {name:?}{how}", Path::new(host).display());
    Ok(Preopen { name, directory, writable })
}

fn refused(what: &str, path: &OsStr, error: &io::Error) -> Failure {
    let class = match error.kind() {
        io::ErrorKind::Unsupported => Class::Unsupported,
        _ => Class::NoInput,
    };
    Failure::new(class, format!("{what} `{}`: {error}", path.to_string_lossy()))
}

/// A time: `2`, `0.5` and `2s` are seconds, `500ms` milliseconds.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let number: f64 = number.parse().map_err(|_| String::from("not a time: `2`, `0.5s` and `500ms` are"))?;
    Duration::try_from_secs_f64(number * unit).map_err(|_| "not a time that can be waited for".into())
}
