//! Decoding: from a module's bytes to plain lists.

use super::schedule::{Schedule, schedule};
use wasmparser::types::CoreTypeId;
use wasmparser::{
    CompositeInnerType, DataKind, ElementItems, ElementKind, ExternalKind, FieldType, FuncType,
    FuncValidatorAllocations, MemoryType, Operator, Parser, Payload, RefType, TableInit, TableType, TypeRef, ValType,
    ValidPayload, Validator, WasmFeatures,
};

/// A constant expression: its operators without the `end`.
pub(crate) type Expression<'a> = Vec<Operator<'a>>;

/// Where a segment goes when its module is instantiated.
#[derive(Debug)]
pub(crate) enum Place<'a> {
    Passive,
    Declared,
    /// Into this table or memory, from there on.
    Active(u32, Expression<'a>),
}

#[derive(Debug)]
pub(crate) struct Elements<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) items: Vec<Expression<'a>>,
}

#[derive(Debug)]
pub(crate) struct Data<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) bytes: &'a [u8],
}

#[derive(Debug)]
pub(crate) struct Table<'a> {
    pub(crate) ty: TableType,
    pub(crate) init: Option<Expression<'a>>,
}

#[derive(Debug)]
pub(crate) struct Global<'a> {
    pub(crate) ty: ValType,
    pub(crate) init: Expression<'a>,
}

/// A function with a body.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    /// Slots of parameters and declared locals.
    pub(crate) locals: u32,
    /// Operators, each with its offset in the module.
    pub(crate) operators: Vec<(Operator<'a>, u32)>,
    pub(crate) schedule: Schedule,
}

/// A module that was decoded and validated. Of imports it takes functions only.
#[derive(Debug, Default)]
pub(crate) struct Module<'a> {
    /// Function types; an empty one in place of any other.
    pub(crate) types: Vec<FuncType>,
    pub(crate) composites: Vec<Composite>,
    /// The number of each type among different ones, and the type that it is declared to be below.
    ids: Vec<CoreTypeId>,
    supertypes: Vec<Option<u32>>,
    /// Module and name of each imported function.
    pub(crate) imports: Vec<(&'a str, &'a str)>,
    /// The type of each function, imported ones first.
    pub(crate) func_types: Vec<u32>,
    pub(crate) functions: Vec<Function<'a>>,
    pub(crate) tables: Vec<Table<'a>>,
    pub(crate) memories: Vec<MemoryType>,
    /// The type of each tag.
    pub(crate) tags: Vec<u32>,
    pub(crate) globals: Vec<Global<'a>>,
    pub(crate) exports: Vec<(&'a str, ExternalKind, u32)>,
    pub(crate) start: Option<u32>,
    pub(crate) elements: Vec<Elements<'a>>,
    pub(crate) data: Vec<Data<'a>>,
}

/// What a type is.
#[derive(Debug)]
pub(crate) enum Composite {
    Func,
    Struct(Vec<FieldType>),
    Array(Vec<FieldType>),
}

/// How many slots of a frame a value of this type takes.
pub(crate) fn slots(ty: ValType) -> u32 {
    if ty == ValType::V128 { 2 } else { 1 }
}

pub(crate) fn slots_of(types: &[ValType]) -> u32 {
    types.iter().copied().map(slots).sum()
}

/// Slots of the parameters and of the results.
pub(crate) fn signature(ty: &FuncType) -> (u32, u32) {
    (slots_of(ty.params()), slots_of(ty.results()))
}

type Result<T> = std::result::Result<T, String>;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl<'a> Module<'a> {
    /// Decodes and validates.
    ///
    /// # Errors
    /// What is wrong with the module, or what of it this evaluator does not have.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self::default();
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(text)?;
            if let ValidPayload::Func(func, body) = validator.payload(&payload).map_err(text)? {
                let func = func.into_validator(FuncValidatorAllocations::default());
                let function = module.function(func, &body)?;
                module.functions.push(function);
            }
            module.section(payload)?;
            if let Some(types) = validator.types(0).filter(|_| module.ids.len() < module.types.len()) {
                let all = 0..module.types.len() as u32;
                module.ids = all.map(|index| types.core_type_at_in_module(index)).collect();
            }
        }
        Ok(module)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(reader) => {
                for group in reader {
                    for ty in group.map_err(text)?.into_types() {
                        let above = ty.supertype_idxs.first().and_then(|index| index.unpack().as_module_index());
                        self.supertypes.push(above);
                        let (func, composite) = match ty.composite_type.inner {
                            CompositeInnerType::Func(func) => (func, Composite::Func),
                            CompositeInnerType::Struct(ty) => {
                                (FuncType::new([], []), Composite::Struct(ty.fields.into_vec()))
                            }
                            CompositeInnerType::Array(ty) => (FuncType::new([], []), Composite::Array(vec![ty.0])),
                            other @ CompositeInnerType::Cont(_) => return Err(format!("type {other:?}")),
                        };
                        self.types.push(func);
                        self.composites.push(composite);
                    }
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import.map_err(text)?;
                    let TypeRef::Func(ty) = import.ty else { return Err(format!("import of {:?}", import.ty)) };
                    self.imports.push((import.module, import.name));
                    self.func_types.push(ty);
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.func_types.push(ty.map_err(text)?);
                }
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    let table = table.map_err(text)?;
                    let init = match table.init {
                        TableInit::RefNull => None,
                        TableInit::Expr(expression) => Some(operators(&expression)?),
                    };
                    self.tables.push(Table { ty: table.ty, init });
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    self.memories.push(memory.map_err(text)?);
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    let global = global.map_err(text)?;
                    self.globals.push(Global { ty: global.ty.content_type, init: operators(&global.init_expr)? });
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export.map_err(text)?;
                    self.exports.push((export.name, export.kind, export.index));
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(reader) => {
                for segment in reader {
                    self.element_segment(segment.map_err(text)?)?;
                }
            }
            Payload::DataSection(reader) => {
                for segment in reader {
                    let segment = segment.map_err(text)?;
                    let place = match segment.kind {
                        DataKind::Passive => Place::Passive,
                        DataKind::Active { memory_index, offset_expr } => {
                            Place::Active(memory_index, operators(&offset_expr)?)
                        }
                    };
                    self.data.push(Data { place, bytes: segment.data });
                }
            }
            Payload::TagSection(reader) => {
                for tag in reader {
                    self.tags.push(tag.map_err(text)?.func_type_idx);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn element_segment(&mut self, segment: wasmparser::Element<'a>) -> Result<()> {
        let place = match segment.kind {
            ElementKind::Passive => Place::Passive,
            ElementKind::Declared => Place::Declared,
            ElementKind::Active { table_index, offset_expr } => {
                Place::Active(table_index.unwrap_or(0), operators(&offset_expr)?)
            }
        };
        let mut items = Vec::new();
        match segment.items {
            ElementItems::Functions(functions) => {
                for function in functions {
                    items.push(vec![Operator::RefFunc { function_index: function.map_err(text)? }]);
                }
            }
            ElementItems::Expressions(_, expressions) => {
                for expression in expressions {
                    items.push(operators(&expression.map_err(text)?)?);
                }
            }
        }
        self.elements.push(Elements { place, items });
        Ok(())
    }

    fn function(
        &self,
        mut validator: wasmparser::FuncValidator<wasmparser::ValidatorResources>,
        body: &wasmparser::FunctionBody<'a>,
    ) -> Result<Function<'a>> {
        let index = self.imports.len() + self.functions.len();
        let ty = self.func_type(index as u32);
        let mut locals = signature(ty).0;
        let mut reader = body.get_locals_reader().map_err(text)?;
        for _ in 0..reader.get_count() {
            let offset = reader.original_position();
            let (count, ty) = reader.read().map_err(text)?;
            validator.define_locals(offset, count, ty).map_err(text)?;
            locals += count * slots(ty);
        }
        let mut operators = Vec::new();
        let mut reader = body.get_operators_reader().map_err(text)?;
        while !reader.eof() {
            let (operator, offset) = reader.read_with_offset().map_err(text)?;
            operators.push((operator, offset as u32));
        }
        let schedule = schedule(self, ty, locals, &operators, &mut validator)?;
        Ok(Function { locals, operators, schedule })
    }

    /// Whether a type is another one, or was declared below it.
    pub(crate) fn is_subtype(&self, ty: u32, wanted: u32) -> bool {
        let mut chain = std::iter::successors(Some(ty), |ty| self.supertypes[*ty as usize]);
        chain.any(|ty| self.ids[ty as usize] == self.ids[wanted as usize])
    }

    /// The type of function `index`.
    pub(crate) fn func_type(&self, index: u32) -> &FuncType {
        &self.types[self.func_types[index as usize] as usize]
    }

    /// What an exception with a tag carries.
    pub(crate) fn carried(&self, tag: u32) -> &[ValType] {
        self.types[self.tags[tag as usize] as usize].params()
    }

    /// The function with index `index`; `None` if it is imported.
    pub(crate) fn defined(&self, index: u32) -> Option<&Function<'a>> {
        self.functions.get((index as usize).checked_sub(self.imports.len())?)
    }

    /// The index of what is exported under this name.
    pub(crate) fn export(&self, name: &str, kind: ExternalKind) -> Option<u32> {
        self.exports.iter().find(|export| export.0 == name && export.1 == kind).map(|export| export.2)
    }

    /// Names and indices of the exported functions.
    pub(crate) fn exported_functions(&self) -> impl Iterator<Item = (&'a str, u32)> {
        self.exports.iter().filter(|export| export.1 == ExternalKind::Func).map(|export| (export.0, export.2))
    }
}

fn operators<'a>(expression: &wasmparser::ConstExpr<'a>) -> Result<Expression<'a>> {
    let mut operators: Vec<_> =
        expression.get_operators_reader().into_iter().collect::<std::result::Result<_, _>>().map_err(text)?;
    operators.pop();
    Ok(operators)
}

/// Whether a value of this type is a reference.
pub(crate) fn is_reference(ty: ValType) -> bool {
    matches!(ty, ValType::Ref(RefType { .. }))
}
