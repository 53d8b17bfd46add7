//! Real modules with other operators, constants, immediates, branches and functions, which still validate.
//!
//! A change that does not validate is dropped at once, so that what comes out is valid whatever is tried.

use crate::peers::wasmi;
use crate::random::Random;
use crate::smith::Features;
use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};
use wasmparser::ExternalKind;

mod leb;
mod operators;
mod snippets;
mod suite;
mod template;

use template::Body;
pub use template::Template;

/// Changes of a module, at most, and tries for each of them.
const CHANGES: usize = 12;
const TRIES: usize = 8;

/// A module of more bytes than this is taken less often: it takes longer to load than to run.
const LARGE: usize = 20_000;

/// The number of a kind of export in the binary format.
const fn kind_number(kind: ExternalKind) -> u8 {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => 0,
        ExternalKind::Table => 1,
        ExternalKind::Memory => 2,
        ExternalKind::Global => 3,
        ExternalKind::Tag => 4,
    }
}

/// A module with a name, and taken apart for those who have its features.
struct Real {
    name: String,
    wasm: Cow<'static, [u8]>,
    apart: [OnceLock<Option<Template>>; 2],
}

macro_rules! guests {
    ($($name:literal)*) => {
        [$(($name, include_bytes!(concat!("../../../guests/wasm/", $name, ".wasm")).as_slice()),)*]
    };
}

/// The programs of `guests/`.
static GUESTS: LazyLock<Vec<Real>> = LazyLock::new(|| {
    let all = guests! {
        "bigframe" "bigframe_o0" "brainf" "branches" "coremix" "coremix_o0" "coremix_os" "crc32" "dispatch" "expression"
        "expression_o0" "fib" "floats" "frame" "globals" "hash64" "hashtable" "heapsort" "indirect" "integers" "json"
        "keccak" "link_provider" "link_user" "list" "lz" "machine" "mandelbrot" "matmul" "memory" "memory_loops"
        "mergesort" "multi" "nbody" "quicksort" "recursion" "sha256" "sieve" "spectral" "stackvm" "strings" "tables"
        "tail" "tail_ref" "vtable"
    };
    all.into_iter().map(|(name, wasm)| Real::new(name.into(), wasm.into())).collect()
});

impl Real {
    fn new(name: String, wasm: Cow<'static, [u8]>) -> Self {
        Self { name, wasm, apart: Default::default() }
    }

    fn template(&self, features: Features) -> Option<&Template> {
        let index = usize::from(features == Features::Own);
        let apart = || {
            // Some features cannot be told from the module alone.
            let runs = features == Features::Own || wasmi::is_valid(&self.wasm);
            Template::new(&self.wasm, features).filter(|_| runs)
        };
        self.apart[index].get_or_init(apart).as_ref()
    }
}

/// Any real module.
fn real(random: &mut Random) -> Option<&'static Real> {
    if random.below(2) == 0 {
        let modules = suite::modules(random.below(suite::files()));
        return modules.get(random.below(modules.len().max(1)));
    }
    let real = &GUESTS[random.below(GUESTS.len())];
    (real.wasm.len() <= LARGE || random.below(8) == 0).then_some(real)
}

/// A module that a number stands for: the name of what it was made of, and its bytes.
pub fn module(features: Features, random: &mut Random) -> (&'static str, Vec<u8>) {
    loop {
        let Some(real) = real(random) else { continue };
        if let Some(template) = real.template(features) {
            return (&real.name, changed(template, features, random));
        }
    }
}

/// A module with some of its functions changed.
pub fn changed(template: &Template, features: Features, random: &mut Random) -> Vec<u8> {
    let mut bodies = template.bodies.clone();
    for _ in 0..random.below(CHANGES + 1) {
        let func = random.below(bodies.len());
        let change = (0..TRIES).find_map(|_| {
            let body = change(template, &bodies, func, features, random)?;
            template.fits(func, &body).then_some(body)
        });
        if let Some(body) = change {
            bodies[func] = body;
        }
    }
    template.build(&bodies)
}

/// A change of a function's body, which may not validate.
fn change(template: &Template, bodies: &[Body], func: usize, features: Features, random: &mut Random) -> Option<Body> {
    let body = &bodies[func];
    let at = random.below(body.operators.len());
    // What stands between operands of others breaks the other runtime in a way that is known.
    let kinds = if features == Features::Own { 12 } else { 7 };
    match random.below(kinds) {
        0..4 => body.with(at..at + 1, &operators::other(template, func, body.operator(at), random)?),
        4 => {
            // Out, or twice, or elsewhere.
            let end = (at + 1 + random.below(4)).min(body.operators.len() - 1).max(at);
            if random.below(2) == 0 {
                return body.with(at..end, &[]);
            }
            let taken = body.bytes[body.operators[at].start..body.operators[end].start].to_vec();
            let place = random.below(body.operators.len());
            body.with(place..place, &taken)
        }
        5 => {
            // The body of another function of the same type.
            let other = random.below(bodies.len());
            let same = template.signatures[other].ty == template.signatures[func].ty && other != func;
            same.then(|| bodies[other].clone())
        }
        6 => body.with(at..at + 1, &operators::near(body.operator(at), random)?),
        _ => body.with(at..at, &snippets::any(template, func, random)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::Validator;

    // @need-ids: REQ_QA_003, REQ_QA_005
    #[test]
    fn changed_modules_are_valid_and_differ() {
        for features in [Features::Shared, Features::Own] {
            let mut validator = Validator::new_with_features(template::wasm_features(features));
            let mut names = std::collections::BTreeSet::new();
            for seed in 0..300 {
                let (name, wasm) = module(features, &mut Random(seed));
                validator.reset();
                validator.validate_all(&wasm).unwrap_or_else(|error| panic!("{name}, {seed}: {error}"));
                names.insert(name);
            }
            assert!(names.len() > 100, "{} of 300 names", names.len());
        }
    }

    // @need-ids: REQ_QA_003, REQ_QA_005
    #[test]
    fn most_modules_are_changed() {
        let template = Template::new(&GUESTS[0].wasm, Features::Own).expect("a guest");
        let changed = (0..100)
            .filter(|seed| changed(&template, Features::Own, &mut Random(*seed)) != template.build(&template.bodies));
        assert!(changed.count() > 80);
    }

    // @need-ids: REQ_QA_003, REQ_QA_005
    #[test]
    fn all_guests_are_taken_apart_for_both() {
        for real in GUESTS.iter() {
            for features in [Features::Shared, Features::Own] {
                // Typed references, and constant expressions with the module's own globals, are not for all.
                let own = features == Features::Shared && matches!(real.name.as_str(), "tail_ref" | "globals");
                assert_eq!(real.template(features).is_some(), !own, "{} {features:?}", real.name);
            }
        }
    }
}
