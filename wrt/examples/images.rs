//! Compile once, load anywhere: an image is a module validated and lowered whole, in position-independent bytes.
//!
//! The same bytes run on a host and on a device without an allocator (crate `wrt-runtime`). Loading checks all of them,
//! so a damaged file is an error; who made it is for its transport to say, since a checksum is no signature.

use wrt::{Engine, Error, Module, Store};

const GUEST: &str = r#"(module
    (func (export "gcd") (param i32 i32) (result i32)
        (if (result i32) (local.get 1)
            (then (return_call 0 (local.get 1) (i32.rem_u (local.get 0) (local.get 1))))
            (else (local.get 0)))))"#;

fn gcd(module: &Module) -> Result<(u32, u64), Error> {
    let mut store = Store::new(module.engine(), ());
    let instance = module.instantiate(&mut store)?;
    let gcd = instance.get_typed_func::<(u32, u32), u32>(&store, "gcd")?.call(&mut store, (1071, 462))?;
    Ok((gcd, store.fuel_consumed()))
}

/// Runs the example.
pub fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let wasm = wat::parse_str(GUEST).map_err(Error::host)?;
    let module = Module::new(&engine, &wasm)?;
    // What `wrtd compile` writes. Here it goes through a file, as from one machine to another.
    let path = std::env::temp_dir().join(format!("wrt-example-{}.wrt", std::process::id()));
    std::fs::write(&path, module.compile()?).map_err(Error::host)?;
    let loaded = Module::from_file(&engine, &path);
    let mut image = std::fs::read(&path).map_err(Error::host)?;
    std::fs::remove_file(&path).map_err(Error::host)?;

    // Nothing is lowered any more, and the fuel is the same.
    let (from_image, from_wasm) = (gcd(&loaded?)?, gcd(&module)?);
    println!("gcd and fuel: {from_image:?}; an image of {} bytes from a module of {}", image.len(), wasm.len());
    assert_eq!((from_image, from_image.0), (from_wasm, 21));

    let middle = image.len() / 2;
    image[middle] ^= 1;
    let Err(refused) = Module::new(&engine, &image) else { return Err(Error::message("a damaged image was loaded")) };
    println!("{refused}");
    Ok(())
}
