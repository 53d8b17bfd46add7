//! The least program that runs a module with WRT, for its size: `minimal-wrt FILE EXPORT`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (file, export) = (arguments.next().ok_or("no file")?, arguments.next().ok_or("no export")?);
    let engine = wrt::Engine::default();
    let module = wrt::Module::new(&engine, std::fs::read(file)?)?;
    let mut store = wrt::Store::new(&engine, ());
    let instance = wrt::Linker::new(&engine).instantiate(&mut store, &module)?;
    println!("{}", instance.get_typed_func::<(), i32>(&store, &export)?.call(&mut store, ())?);
    Ok(())
}
