//! The least program that runs a module with wasmi, for its size: `minimal-wasmi FILE EXPORT`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (file, export) = (arguments.next().ok_or("no file")?, arguments.next().ok_or("no export")?);
    let engine = wasmi::Engine::default();
    let module = wasmi::Module::new(&engine, std::fs::read(file)?)?;
    let mut store = wasmi::Store::new(&engine, ());
    let instance = wasmi::Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    println!("{}", instance.get_typed_func::<(), i32>(&store, &export)?.call(&mut store, ())?);
    Ok(())
}
