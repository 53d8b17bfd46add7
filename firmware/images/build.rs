//! Compiles the guests to images as `wrtd compile --strip --enable custom-page-sizes` does, and makes corrupt ones of them.

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};
use wrt::budget::{Budget, Declarations, Entry};
use wrt::{Config, Engine, ExternType, Module};

/// Where the header has the CRC-32 of what follows (docs/image-format.md).
const CHECKSUM: std::ops::Range<usize> = 12..16;

/// Where the instructions begin: behind the header.
const CODE: usize = size_of::<wrt_runtime::image::format::Header>();

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    println!("cargo::rerun-if-changed=../guests");
    let engine = Engine::new(&Config::new().wasm_custom_page_sizes(true));
    let own = fs::read_dir("../guests")?.map(|entry| entry.map(|entry| entry.path()));
    // Code as a compiler writes it, to measure the checker with.
    for path in own.chain([Ok(PathBuf::from("../../guests/wasm/coremix.wasm"))]) {
        let path = path?;
        let wasm = wat::parse_file(&path)?;
        let image = Module::new(&engine, &wasm)?.compile_stripped()?;
        let name = path.file_stem().ok_or("a guest without a name")?.to_string_lossy().into_owned();
        write(&out, &name, "wrt", &image)?;
        write(&out, &name, "bytecode.wrt", &Module::new(&engine, &wasm)?.compile_bytecode()?)?;
        write(&out, &name, "parts.rs", parts(&wasm)?.as_bytes())?;
        let declared = match name.as_str() {
            // The deepest call that is measured is `fib(20)`; a bound of its depth is all that cannot be computed.
            "figures" => vec!["--recursion".into(), "fib=21".into()],
            "linked-control" => linked(&engine, &Module::new(&engine, &image)?)?,
            _ => Vec::new(),
        };
        budget(&out, &name, declared)?;
        write(&out, &name, "damaged.wrt", &damaged(&image)?)?;
        write(&out, &name, "forged.wrt", &forged(&image)?)?;
    }
    Ok(())
}

/// Writes the constants of storage for an image on the target that this is built for.
fn budget(out: &Path, name: &str, declared: Vec<String>) -> Result<(), Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let target = if target.contains("-none-") { target.as_str() } else { "host" };
    let (constants, image) = (out.join(format!("{name}.rs")), out.join(format!("{name}.wrt")));
    let mut args: Vec<OsString> =
        ["wrtd", "--no-config", "budget", "--target", target, "--rust"].map(OsString::from).into();
    args.push(constants.into());
    args.extend(declared.into_iter().map(OsString::from));
    args.push(image.into());
    let mut told = Vec::new();
    match wrtd::run(args, &mut std::io::sink(), &mut told) {
        0 => Ok(()),
        _ => Err(format!("{name}: no budget: {}", String::from_utf8_lossy(&told)).into()),
    }
}

/// What `linked-control` cannot show: what the filter's functions need, by the filter's own budget, and that its calls through
/// the filter's table reach the filter's function there or its own.
fn linked(engine: &Engine, control: &Module) -> Result<Vec<String>, Box<dyn Error>> {
    let filter = Module::new(engine, wat::parse_file("../guests/linked-filter.wat")?)?;
    let mut declared = Vec::new();
    for root in Budget::of(&filter, &Declarations::default())?.roots {
        let Entry::Export(name) = &root.entry else {
            return Err("the filter is called by other ways than exports".into());
        };
        let needs = root.stack.map_err(|reasons| format!("{name} of the filter has no bound: {reasons:?}"))?;
        let (frames, slots, records) = (needs.frames, needs.slots, needs.records);
        declared.push(format!("--import=filter.{name}=frames:{frames},slots:{slots},records:{records}"));
    }
    let functions = control.imports().filter(|import| matches!(import.ty, ExternType::Func(_)));
    let clamp = functions.map(|import| import.name).position(|name| name == "clamp").ok_or("clamp is not imported")?;
    for call in Budget::of(control, &Declarations::default())?.indirect {
        declared.push(format!("--callees={}:{:#x}={clamp},near", call.site.func, call.site.at));
    }
    Ok(declared)
}

/// Constants for how large the parts of a module are that its image is compared with.
fn parts(wasm: &[u8]) -> Result<String, Box<dyn Error>> {
    let (mut code, mut data) = (0, 0);
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        match payload? {
            wasmparser::Payload::CodeSectionStart { size, .. } => code = size as usize,
            wasmparser::Payload::DataSection(section) => {
                for segment in section {
                    data += segment?.data.len();
                }
            }
            _ => {}
        }
    }
    Ok(format!(
        "/// Bytes of the module's code section.\npub const CODE_SECTION: usize = {code};\n\
         /// Bytes of its data segments.\npub const DATA: usize = {data};\n"
    ))
}

fn write(out: &Path, name: &str, extension: &str, image: &[u8]) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(out.join(format!("{name}.{extension}")), image)?)
}

/// A bit of the last byte is wrong, as after a bad write: the checksum tells.
fn damaged(image: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut image = image.to_vec();
    *image.last_mut().ok_or("an empty image")? ^= 0x10;
    Ok(image)
}

/// The first instruction is none, and the checksum is right: only the checker of the code tells.
fn forged(image: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut image = image.to_vec();
    image.get_mut(CODE..CODE + 2).ok_or("no instruction")?.fill(0xFF);
    let checksum = wrt_safety::crc32(image.get(CHECKSUM.end..).ok_or("no checksum")?).to_le_bytes();
    image[CHECKSUM].copy_from_slice(&checksum);
    Ok(image)
}
