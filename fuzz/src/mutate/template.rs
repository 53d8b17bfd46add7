//! A module taken apart: what stands before its code, its functions operator by operator, and what stands after.

use super::leb;
use crate::smith::Features;
use std::ops::Range;
use wasmparser::{
    Encoding, FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, Payload, ValType, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

/// A function's body.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// Locals, then operators.
    pub(super) bytes: Vec<u8>,
    /// Where each operator stands in them; the last is the `end`.
    pub(super) operators: Vec<Range<usize>>,
}

/// What a function is, apart from its body.
#[derive(Debug)]
pub(super) struct Signature {
    /// Number of its type.
    pub(super) ty: u32,
    /// Its parameters, then its own locals.
    pub(super) locals: Vec<ValType>,
    index: u32,
    features: WasmFeatures,
}

/// What a call takes and gives.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    pub(super) params: Vec<ValType>,
    pub(super) results: Vec<ValType>,
}

/// A module that can be put together with other bodies.
#[derive(Debug)]
pub struct Template {
    before: Vec<u8>,
    after: Vec<u8>,
    resources: Option<ValidatorResources>,
    pub(super) bodies: Vec<Body>,
    pub(super) signatures: Vec<Signature>,
    /// All functions, imported ones first.
    pub(super) callees: Vec<Callee>,
    pub(super) memories: u32,
}

/// What modules may use, as wasmparser names it.
pub(super) fn wasm_features(features: Features) -> WasmFeatures {
    let shared = WasmFeatures::WASM2
        .union(WasmFeatures::TAIL_CALL)
        .union(WasmFeatures::EXTENDED_CONST)
        .union(WasmFeatures::MULTI_MEMORY)
        .union(WasmFeatures::MEMORY64)
        .union(WasmFeatures::CUSTOM_PAGE_SIZES)
        .union(WasmFeatures::WIDE_ARITHMETIC);
    match features {
        Features::Shared => shared,
        Features::Own => shared
            .union(WasmFeatures::RELAXED_SIMD)
            .union(WasmFeatures::FUNCTION_REFERENCES)
            .union(WasmFeatures::GC)
            .union(WasmFeatures::EXCEPTIONS),
    }
}

impl Body {
    /// Finds the operators of a body; `None` where its bytes are none.
    pub(super) fn new(bytes: Vec<u8>) -> Option<Self> {
        let body = FunctionBody::new(wasmparser::BinaryReader::new(&bytes, 0));
        let mut reader = body.get_operators_reader().ok()?;
        let mut operators = Vec::new();
        while !reader.eof() {
            let start = reader.original_position() as usize;
            reader.read().ok()?;
            operators.push(start..reader.original_position() as usize);
        }
        Some(Self { bytes, operators })
    }

    /// An operator's bytes.
    pub(super) fn operator(&self, at: usize) -> &[u8] {
        &self.bytes[self.operators[at].clone()]
    }

    /// The same with the operators of a range exchanged for others.
    pub(super) fn with(&self, range: Range<usize>, operators: &[u8]) -> Option<Self> {
        let start = self.operators.get(range.start)?.start;
        let end = range.end.checked_sub(1).filter(|last| *last >= range.start);
        let end = end.map_or(Some(start), |last| Some(self.operators.get(last)?.end))?;
        let bytes = [&self.bytes[..start], operators, &self.bytes[end..]].concat();
        Self::new(bytes)
    }
}

/// The exports of a module: its own, and one of everything.
fn exports(wasm: &[u8], features: WasmFeatures) -> Option<Vec<u8>> {
    let types = Validator::new_with_features(features).validate_all(wasm).ok()?;
    let types = types.as_ref();
    let (mut section, mut count) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(reader) = payload.ok()? {
            for export in reader {
                let export = export.ok()?;
                let number = super::kind_number(export.kind);
                add_export(&mut section, export.name, number, export.index);
                count += 1;
            }
        }
    }
    let all = [types.function_count(), types.table_count(), types.memory_count(), types.global_count()];
    for (kind, many) in (0_u8..).zip(all) {
        for index in 0..many {
            add_export(&mut section, &format!("all {kind} {index}"), kind, index);
            count += 1;
        }
    }
    let mut whole = leb::unsigned(count);
    whole.extend(section);
    Some(whole)
}

fn add_export(section: &mut Vec<u8>, name: &str, kind: u8, index: u32) {
    section.extend(leb::unsigned(name.len() as u64));
    section.extend(name.as_bytes());
    section.push(kind);
    section.extend(leb::unsigned(index.into()));
}

fn add_section(module: &mut Vec<u8>, id: u8, contents: &[u8]) {
    module.push(id);
    module.extend(leb::unsigned(contents.len() as u64));
    module.extend(contents);
}

/// Sections by number. Those of tags, which have the last one, stand before exports.
const EXPORTS: u8 = 7;
const CODE: u8 = 10;
const AFTER_EXPORTS: std::ops::RangeInclusive<u8> = 8..=12;

impl Template {
    /// Takes a module apart; `None` where it is none, has no code, or uses more than `features`.
    pub fn new(wasm: &[u8], features: Features) -> Option<Self> {
        let features = wasm_features(features);
        let exports = exports(wasm, features)?;
        let mut new = Self {
            before: wasm.get(..8)?.to_vec(),
            after: Vec::new(),
            resources: None,
            bodies: Vec::new(),
            signatures: Vec::new(),
            callees: Vec::new(),
            memories: 0,
        };
        let (mut validator, mut exported) = (Validator::new_with_features(features), false);
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.ok()?;
            if let ValidPayload::Func(func, body) = validator.payload(&payload).ok()? {
                new.add_func(func, &body)?;
            }
            match payload {
                Payload::Version { encoding: Encoding::Component, .. } => return None,
                // Names would only be copied into traces.
                Payload::CustomSection(_) | Payload::ExportSection(_) => {}
                payload => {
                    let Some((id, range)) = payload.as_section() else { continue };
                    if AFTER_EXPORTS.contains(&id) && !exported {
                        add_section(&mut new.before, EXPORTS, &exports);
                        exported = true;
                    }
                    if id == CODE {
                        continue;
                    }
                    let module = if new.bodies.is_empty() { &mut new.before } else { &mut new.after };
                    add_section(module, id, &wasm[range.start as usize..range.end as usize]);
                }
            }
        }
        let types = validator_types(wasm, features)?;
        new.memories = types.1;
        new.callees = types.0;
        let imported = new.callees.len().checked_sub(new.bodies.len())?;
        for (signature, callee) in new.signatures.iter_mut().zip(new.callees.iter().skip(imported)) {
            signature.locals.splice(0..0, callee.params.iter().copied());
        }
        (exported && !new.bodies.is_empty()).then_some(new)
    }

    fn add_func(&mut self, func: FuncToValidate<ValidatorResources>, body: &FunctionBody<'_>) -> Option<()> {
        let FuncToValidate { resources, index, ty, features } = func;
        self.resources.get_or_insert(resources);
        let mut locals = Vec::new();
        for group in body.get_locals_reader().ok()? {
            let (count, ty) = group.ok()?;
            // A function of very many locals is not taken apart further; nobody adds to it what names them.
            locals.extend(std::iter::repeat_n(ty, (count as usize).min(1_000)));
        }
        self.signatures.push(Signature { ty, locals, index, features });
        self.bodies.push(Body::new(body.as_bytes().to_vec())?);
        Some(())
    }

    /// Whether a body would be one of a function.
    pub(super) fn fits(&self, func: usize, body: &Body) -> bool {
        let Some(resources) = &self.resources else { return false };
        let Signature { ty, index, features, .. } = self.signatures[func];
        let func = FuncToValidate { resources: resources.clone(), index, ty, features };
        let body = FunctionBody::new(wasmparser::BinaryReader::new(&body.bytes, 0));
        func.into_validator(FuncValidatorAllocations::default()).validate(&body).is_ok()
    }

    /// The module with these bodies.
    pub(super) fn build(&self, bodies: &[Body]) -> Vec<u8> {
        let mut code = leb::unsigned(bodies.len() as u64);
        for body in bodies {
            code.extend(leb::unsigned(body.bytes.len() as u64));
            code.extend(&body.bytes);
        }
        let mut module = self.before.clone();
        add_section(&mut module, CODE, &code);
        module.extend(&self.after);
        module
    }
}

/// The types of all functions, and how many memories there are.
fn validator_types(wasm: &[u8], features: WasmFeatures) -> Option<(Vec<Callee>, u32)> {
    let types = Validator::new_with_features(features).validate_all(wasm).ok()?;
    let types = types.as_ref();
    let callee = |index| {
        let ty = types[types.core_function_at(index)].unwrap_func();
        Callee { params: ty.params().to_vec(), results: ty.results().to_vec() }
    };
    Some(((0..types.function_count()).map(callee).collect(), types.memory_count()))
}
