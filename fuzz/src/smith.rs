//! Valid modules made of an input's bytes: by wasm-smith, or real ones that were changed.

use crate::mutate;
use crate::random::Random;
use crate::value::Value;
use arbitrary::Unstructured;
use wasm_smith::{Config, InstructionKind, InstructionKinds, MemoryOffsetChoices, Module};
use wrt::FuncType;

/// What modules may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Features {
    /// What both runtimes have, and give the same answer to.
    Shared,
    /// All that WRT has.
    Own,
}

/// Where the other runtime has no structures and arrays.
const WITHOUT_AGGREGATES: [InstructionKind; 8] = [
    InstructionKind::Numeric,
    InstructionKind::Vector,
    InstructionKind::Reference,
    InstructionKind::Parametric,
    InstructionKind::Variable,
    InstructionKind::Table,
    InstructionKind::Memory,
    InstructionKind::Control,
];

/// One line for each feature.
fn features(own: bool, [vectors, typed_references, exceptions]: [bool; 3]) -> Config {
    Config {
        bulk_memory_enabled: true,
        extended_const_enabled: true,
        multi_value_enabled: true,
        reference_types_enabled: true,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        tail_call_enabled: true,
        simd_enabled: vectors,
        // Its operators may give one of several results.
        relaxed_simd_enabled: vectors && own,
        memory64_enabled: true,
        max_memories: 3,
        gc_enabled: typed_references && own,
        exceptions_enabled: exceptions && own,
        threads_enabled: false,
        shared_everything_threads_enabled: false,
        wide_arithmetic_enabled: true,
        custom_page_sizes_enabled: true,
        compact_imports_enabled: false,
        ..Config::default()
    }
}

/// How an input wants its module: the first bytes of the input.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub(crate) shape: u8,
    /// What is left to chance apart from the module.
    pub seed: u64,
}

impl Plan {
    /// Whether bit `bit` of the choices that do not concern the module is set.
    pub fn choice(self, bit: u32) -> bool {
        self.seed >> (56 + bit) & 1 == 1
    }

    /// Whether it is a real module that was changed.
    fn is_real(self) -> bool {
        !self.choice(2)
    }

    /// Any arguments of one of its functions.
    pub fn arguments(self, ty: &FuncType, random: &mut Random) -> Option<Vec<Value>> {
        if self.is_real() { Value::arguments(ty.params(), random) } else { Value::list(ty, random) }
    }

    fn config(self, features: Features) -> Config {
        let small = |bit: u32| self.shape >> bit & 1 == 0;
        Config {
            allow_start_export: true,
            allowed_instructions: match features {
                Features::Own => InstructionKinds::all(),
                Features::Shared => InstructionKinds::new(&WITHOUT_AGGREGATES),
            },
            export_everything: true,
            max_data_segments: 4,
            memory_offset_choices: MemoryOffsetChoices(90, 9, 1),
            max_element_segments: 4,
            max_funcs: if small(3) { 4 } else { 12 },
            max_globals: 8,
            max_imports: if small(4) { 0 } else { 6 },
            max_instructions: if small(5) { 100 } else { 600 },
            max_memory32_bytes: 1 << 18,
            max_memory64_bytes: 1 << 18,
            max_table_elements: 100,
            max_tables: 3,
            max_types: 12,
            max_values: if small(6) { 8 } else { 40 },
            memory_max_size_required: true,
            min_funcs: 1,
            table_max_size_required: true,
            ..self::features(features == Features::Own, [small(1), !small(7), !self.choice(3)])
        }
    }
}

/// What a module that ends by itself may do, in loops and calls.
const STEPS: u32 = 2_000;

/// The plan and the module that an input stands for; `None` where it is too short.
pub fn module(input: &[u8], features: Features) -> Option<(Plan, Vec<u8>)> {
    let (head, rest) = input.split_first_chunk::<9>()?;
    let [shape, seed @ ..] = *head;
    let plan = Plan { shape, seed: u64::from_le_bytes(seed) };
    if plan.is_real() {
        return Some((plan, mutate::module(features, &mut Random(plan.seed)).1));
    }
    let mut module = Module::new(plan.config(features), &mut Unstructured::new(rest)).ok()?;
    if plan.shape & 1 == 1 {
        module.ensure_termination(STEPS).ok()?;
    }
    Some((plan, module.to_bytes()))
}
