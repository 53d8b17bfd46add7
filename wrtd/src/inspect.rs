//! `inspect`: what is in a module or image.

use crate::cli::InspectOptions;
use crate::disassembly;
use crate::failure::{Class, Failure, code, one_line};
use crate::input::{self, Input, Kind};
use crate::output::{Output, section};
use crate::sections::{self, Section};
use serde_json::{Map, Value, json};
use wrt::Module;
use wrt_runtime::Image;
use wrt_runtime::image::format::{self, flag, form, kind};
use wrt_runtime::storage::Entry;

/// Shows what is in `options.file`.
// @need-ids: REQ_CLI_001
pub fn run(options: &InspectOptions, output: &mut Output<'_>) -> Result<u8, Failure> {
    let limits = options.limits.limits;
    let input = input::load(&options.file, &limits)?;
    let engine = options.proposals.engine(limits);
    let module = input::module(&engine, &input)?;
    if options.wat {
        return show_text(&input, &module, output);
    }
    if options.ir {
        return show_code(&input, &module, output);
    }
    let contents = Contents::of(&input, &module);
    if output.is_text() {
        contents.lines().iter().for_each(|line| output.line(line));
    } else {
        output.json(contents.document());
    }
    Ok(code::OK)
}

// --- The module as text ------------------------------------------------------------------------

fn show_text(input: &Input, module: &Module, output: &mut Output<'_>) -> Result<u8, Failure> {
    let Some(bytes) = module.wasm() else {
        let message = "an image holds no bytecode to show as text; --ir shows its code";
        return Err(Failure::new(Class::Unsupported, message).in_file(&input.name));
    };
    let text = wasmprinter::print_bytes(bytes)
        .map_err(|error| Failure::new(Class::Internal, format!("cannot show as text: {error}")).in_file(&input.name))?;
    if output.is_text() {
        output.text(&text);
    } else {
        let mut document = heading(input);
        document.insert("wat".into(), text.into());
        output.json(document);
    }
    Ok(code::OK)
}

// --- Register code -------------------------------------------------------------------------------

/// The code of one function.
struct Code<'i> {
    index: u32,
    slots: u32,
    /// Position of the first instruction.
    pc: u32,
    instructions: &'i [[u8; 8]],
}

impl Code<'_> {
    /// Each position with what the instruction there does. Made when wanted: together they are far larger than the image.
    fn lines(&self) -> Vec<(u32, String)> {
        let instructions: Vec<_> = self.instructions.iter().map(|bytes| disassembly::instruction(*bytes)).collect();
        disassembly::lines(self.pc, &instructions)
    }
}

fn show_code(input: &Input, module: &Module, output: &mut Output<'_>) -> Result<u8, Failure> {
    let bytes = module.compile().map_err(|error| input::failure(&input.name, input.kind, &error))?;
    let image = Image::parse(&bytes)
        .map_err(|error| Failure::new(Class::Internal, format!("its own image: {error}")).in_file(&input.name))?;
    let functions = functions_with_code(&image);
    if output.is_text() {
        for function in &functions {
            if output.is_closed() {
                break;
            }
            let Code { index, slots, .. } = function;
            let name = name_of(module, *index);
            output.line(&format!("func {index}{name} {}, {slots} slots", signature_of(&image, *index)));
            for (position, line) in function.lines() {
                output.line(&format!("{position:>8}  {line}{}", place_of(&image, position)));
            }
        }
        return Ok(code::OK);
    }
    let functions = functions.iter().map(|function| {
        json!({
            "index": function.index,
            "name": module.func_name(function.index),
            "type": signature_of(&image, function.index),
            "slots": function.slots,
            "code": function.lines().iter().map(|(at, line)| json!({ "at": at, "do": line })).collect::<Vec<_>>(),
        })
    });
    let mut document = heading(input);
    document.insert("functions".into(), functions.collect());
    output.json(document);
    Ok(code::OK)
}

/// A function's code ends where the next begins.
fn functions_with_code<'i>(image: &Image<'i>) -> Vec<Code<'i>> {
    let mut starts: Vec<(u32, u32, u32)> = (0_u32..)
        .zip(image.funcs)
        .filter_map(|(index, func)| {
            let entry = image.entry(index).filter(Entry::is_present)?;
            Some((entry.pc(), index, func.slots.get().into()))
        })
        .collect();
    starts.sort_unstable();
    let instructions = image.code.as_chunks::<8>().0;
    let ends = starts.iter().skip(1).map(|(pc, ..)| *pc as usize).chain([instructions.len()]);
    let code = starts.iter().zip(ends).map(|((pc, index, slots), end)| {
        let instructions = instructions.get(*pc as usize..end).unwrap_or_default();
        Code { index: *index, slots: *slots, pc: *pc, instructions }
    });
    code.collect()
}

/// Where in the module an instruction comes from, where that is kept.
fn place_of(image: &Image<'_>, position: u32) -> String {
    match image.positions.binary_search_by_key(&position, |record| record.pc.get()) {
        Ok(at) => image.positions.get(at).map_or(String::new(), |record| format!("  ; {:#x}", record.offset.get())),
        Err(_) => String::new(),
    }
}

// --- Contents ------------------------------------------------------------------------------------

/// What is told of a module.
struct Contents<'m> {
    input: &'m Input,
    module: &'m Module,
    image: Image<'m>,
    sections: Vec<Section>,
}

impl<'m> Contents<'m> {
    fn of(input: &'m Input, module: &'m Module) -> Self {
        let sections = match input.kind {
            Kind::Image => sections::of_image(&input.bytes),
            _ => sections::of_module(&input.bytes),
        };
        Self { input, module, image: module.image(), sections }
    }

    fn lines(&self) -> Vec<String> {
        let image = &self.image;
        let kind = kind_name(self.input.kind);
        let mut lines = vec![format!("{}: {kind}, {} bytes", one_line(&self.input.name), self.input.bytes.len())];
        if let Some(name) = self.module.name() {
            lines.push(format!("name: {}", one_line(name)));
        }
        section(&mut lines, "sections", self.sections.iter().map(Section::line));
        section(&mut lines, "types", (0..image.types.len()).map(|index| format!("{index}: {}", type_of(image, index))));
        section(
            &mut lines,
            "imports",
            self.module
                .imports()
                .map(|import| format!("{} {} {}", quoted(import.module), quoted(import.name), import.ty)),
        );
        section(&mut lines, "functions", self.functions().into_iter().map(|function| function.line(self)));
        section(&mut lines, "tables", image.tables.iter().map(table_line));
        section(&mut lines, "memories", image.memories.iter().map(memory_line));
        section(&mut lines, "globals", image.globals.iter().map(global_line));
        section(&mut lines, "tags", image.tags.iter().map(|tag| tag_line(image, *tag)));
        section(
            &mut lines,
            "exports",
            self.module.exports().map(|export| format!("{} {}", quoted(export.name), export.ty)),
        );
        if let Some(start) = image.start {
            lines.push(format!("start: func {start}{}", name_of(self.module, start)));
        }
        lines
    }

    /// The module's own functions.
    fn functions(&self) -> Vec<Function> {
        let own = (0_u32..).zip(self.image.funcs).skip(self.image.imported(kind::FUNC) as usize);
        let body = |index| {
            let body = self.image.body(index);
            // A stripped image does not know.
            (body.length.get() > 0).then(|| (body.start.get(), body.length.get()))
        };
        own.map(|(index, _)| Function { index, body: body(index) }).collect()
    }

    fn document(&self) -> Map<String, Value> {
        let image = &self.image;
        let mut document = heading(self.input);
        let mut put = |key: &str, value: Value| drop(document.insert(key.into(), value));
        put("format", kind_name(self.input.kind).into());
        put("bytes", self.input.bytes.len().into());
        put("name", self.module.name().into());
        put("sections", self.sections.iter().map(Section::to_json).collect());
        put("types", (0..image.types.len()).map(|index| type_of(image, index)).collect());
        let import = |import: wrt::ImportType<'_>| json!({ "module": import.module, "name": import.name, "kind": import.ty.kind(), "type": import.ty.to_string() });
        put("imports", self.module.imports().map(import).collect());
        let export = |export: wrt::ExportType<'_>| json!({ "name": export.name, "kind": export.ty.kind(), "type": export.ty.to_string() });
        put("exports", self.module.exports().map(export).collect());
        let function = |function: &Function| {
            json!({
                "index": function.index,
                "name": self.module.func_name(function.index),
                "type": signature_of(image, function.index),
                "offset": function.body.map(|(offset, _)| offset),
                "bytes": function.body.map(|(_, length)| length),
            })
        };
        put("functions", self.functions().iter().map(function).collect());
        put("tables", image.tables.iter().map(table_line).collect());
        put("memories", image.memories.iter().map(memory_line).collect());
        put("globals", image.globals.iter().map(global_line).collect());
        put("tags", image.tags.iter().map(|tag| tag_line(image, *tag)).collect());
        put("start", image.start.into());
        document
    }
}

/// One of the module's own functions, as its body lies in the module.
struct Function {
    index: u32,
    /// Offset and length, where they are known.
    body: Option<(u32, u32)>,
}

impl Function {
    fn line(&self, contents: &Contents<'_>) -> String {
        let Self { index, body } = self;
        let (name, ty) = (name_of(contents.module, *index), signature_of(&contents.image, *index));
        let body = body.map_or(String::new(), |(offset, length)| format!(", {length} bytes at {offset:#x}"));
        format!("{index}{name} {ty}{body}")
    }
}

fn heading(input: &Input) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("command".into(), "inspect".into());
    document.insert("file".into(), input.name.clone().into());
    document.insert("exit".into(), code::OK.into());
    document
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Binary => "module",
        Kind::Text => "text module, as a binary",
        Kind::Image => "image",
        Kind::Component => "component",
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", one_line(name))
}

/// ` $name`, if the module names it.
fn name_of(module: &Module, func: u32) -> String {
    module.func_name(func).map_or(String::new(), |name| format!(" ${}", one_line(name)))
}

fn signature_of(image: &Image<'_>, func: u32) -> String {
    image.funcs.get(func as usize).map_or(String::new(), |func| type_of(image, func.ty() as usize))
}

fn type_of(image: &Image<'_>, index: usize) -> String {
    let names = |types: &[format::ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let (Ok(number), Some(record)) = (u32::try_from(index), image.types.get(index)) else { return String::new() };
    let types = image.all_types();
    let content = match (types.func(number), types.fields(number)) {
        (Some((params, results)), _) => format!("[{}] -> [{}]", names(params), names(results)),
        (_, Some((form::ARRAY, fields))) => format!("array {}", names(fields)),
        (_, Some((_, fields))) => format!("struct {{{}}}", names(fields)),
        _ => String::new(),
    };
    let above = types.supertype(number).map_or(String::new(), |above| format!(", below {above}"));
    let open = if record.is_final() { "" } else { ", open" };
    let group = if record.is_joined() { ", in the group of the one before" } else { "" };
    format!("{content}{above}{open}{group}")
}

fn limits(flags: u32, min: u64, max: u64, unit: &str) -> String {
    let most = if flags & flag::MAXIMUM == 0 { String::new() } else { format!(" to {max}") };
    let index = if flags & flag::INDEX64 == 0 { "" } else { ", 64-bit indices" };
    format!("{min}{most} {unit}{index}{}", imported(flags))
}

fn imported(flags: u32) -> &'static str {
    if flags & flag::IMPORTED == 0 { "" } else { ", imported" }
}

fn table_line(table: &format::TableRecord) -> String {
    let what = format!("elements of {}", table.element);
    limits(table.flags.get(), table.min.get(), table.max.get(), &what)
}

fn memory_line(memory: &format::MemoryRecord) -> String {
    let unit = match memory.page_log2.get() {
        16 => "pages",
        // The one other size that images and modules may have.
        _ => "pages of 1 byte",
    };
    limits(memory.flags.get(), memory.min.get(), memory.max.get(), unit)
}

fn tag_line(image: &Image<'_>, tag: format::TagRecord) -> String {
    format!("{}{}", type_of(image, tag.ty.get() as usize), imported(tag.flags.get()))
}

fn global_line(global: &format::GlobalRecord) -> String {
    let mutable = if global.flags.get() & flag::MUTABLE == 0 { "" } else { "mutable " };
    format!("{mutable}{}{}", global.ty, imported(global.flags.get()))
}
