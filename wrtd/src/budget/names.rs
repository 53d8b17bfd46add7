//! Functions and imports of a module by what they are called, and back.

use crate::failure::{Class, Failure, one_line};
use crate::suggest;
use std::collections::BTreeMap;
use wrt::budget::{Reason, Site};
use wrt::{ExternType, Module};
use wrt_runtime::image::format::kind;

/// The names in a module.
pub(super) struct Names<'m> {
    module: &'m Module,
    /// Functions by name: those that they are exported by, and those that the module gives them.
    funcs: BTreeMap<&'m str, Vec<u32>>,
    count: u32,
    imports: Vec<(u32, String)>,
}

impl<'m> Names<'m> {
    /// The names of a module.
    pub(super) fn of(module: &'m Module) -> Self {
        let image = module.image();
        let count = u32::try_from(image.funcs.len()).unwrap_or(u32::MAX);
        let mut funcs: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let exported = image.exports.iter().filter(|export| export.kind() == kind::FUNC);
        let exported = exported.map(|export| (image.name(export.name), export.index()));
        let named = image.names.iter().map(|record| (image.name(record.name), record.index.get()));
        for (name, func) in exported.chain(named) {
            let list = funcs.entry(name).or_default();
            if !list.contains(&func) {
                list.push(func);
            }
        }
        let imports = module.imports().filter(|import| matches!(import.ty, ExternType::Func(_)));
        let imports = (0..).zip(imports).map(|(at, import)| (at, format!("{}.{}", import.module, import.name)));
        Self { module, funcs, count, imports: imports.collect() }
    }

    /// The function that a word means: its index, or a name of it with or without `$`.
    pub(super) fn func(&self, word: &str) -> Result<u32, Failure> {
        let shown = one_line(word);
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            let index = word.parse().ok().filter(|index| *index < self.count);
            let message = format!("there is no function {shown}: the module has {}", self.count);
            return index.ok_or_else(|| Failure::new(Class::Usage, message));
        }
        let found = self.funcs.get(word).or_else(|| self.funcs.get(word.strip_prefix('$')?));
        match found.map(Vec::as_slice) {
            Some([func]) => Ok(*func),
            Some(several) => {
                let list = several.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                Err(Failure::new(Class::Usage, format!("`{shown}` is the name of several functions: {list}")))
            }
            None => {
                let near = suggest::nearest(word, self.funcs.keys().copied());
                let hint = near.map_or(String::new(), |near| format!("; did you mean `{}`?", one_line(near)));
                Err(Failure::new(Class::Usage, format!("there is no function called `{shown}`{hint}")))
            }
        }
    }

    /// The imported function that `MODULE.NAME` or an index means.
    pub(super) fn import(&self, word: &str) -> Result<u32, Failure> {
        let by_index = word.parse().ok().filter(|index: &u32| (*index as usize) < self.imports.len());
        let mut named = self.imports.iter().filter(|(_, name)| name == word).map(|(at, _)| *at);
        let found = by_index.or_else(|| named.next());
        found.ok_or_else(|| {
            let near = suggest::nearest(word, self.imports.iter().map(|(_, name)| name.as_str()));
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{}`?", one_line(near)));
            Failure::new(Class::Usage, format!("there is no imported function `{}`{hint}", one_line(word)))
        })
    }

    /// The imported functions, each `MODULE.NAME`.
    pub(super) fn imports(&self) -> &[(u32, String)] {
        &self.imports
    }

    /// What a function is called for people: its index and name.
    pub(super) fn show(&self, func: u32) -> String {
        match self.module.func_name(func) {
            Some(name) => format!("{func} ${}", one_line(name)),
            None => func.to_string(),
        }
    }

    /// The place as it is written in a declaration.
    pub(super) fn site(site: Site) -> String {
        format!("{}:{:#x}", site.func, site.at)
    }

    /// Why something has no bound, and what would give it one.
    pub(super) fn reason(&self, reason: &Reason) -> String {
        let place = |site: &Site| format!("function {} at {:#x}", self.show(site.func), site.at);
        match reason {
            Reason::Recursion { cycle, length } => {
                let mut list: Vec<String> = cycle.iter().map(|func| self.show(*func)).collect();
                if *length > cycle.len() {
                    list.push(format!("{} others", length - cycle.len()));
                }
                let first = cycle.first().copied().unwrap_or_default();
                list.push(self.show(first));
                format!("recursion: {}; --recursion {first}=N bounds frames and slots", list.join(" calls "))
            }
            Reason::Foreign { site } => format!(
                "indirect call through an imported table in {}; --callees {}=FUNC,… says what it calls",
                place(site),
                Self::site(*site)
            ),
            Reason::Loop { site } => {
                format!("loop in {}; --loop {}=N says how often its head is passed", place(site), Self::site(*site))
            }
            Reason::Length { site, operator } => format!(
                "{operator} of a length known at run time alone in {}; --length {}=N bounds it",
                place(site),
                Self::site(*site)
            ),
            Reason::Object { site, operator } => {
                format!("{operator} in {}: what a collection costs depends on the heap", place(site))
            }
            Reason::Exception { site } => {
                format!("an exception that may leave its function is thrown in {}", place(site))
            }
            Reason::Calls { import } => {
                format!("imported function {} calls the guest, nobody knows how often", self.show(*import))
            }
            Reason::Instance { import } => {
                format!("the fuel of imported function {} was not declared", self.show(*import))
            }
            Reason::Unstructured { func } => format!("the code of function {} is not structured", self.show(*func)),
            Reason::Complex { func } => format!("the loops of function {} are nested too deeply", self.show(*func)),
            Reason::Overflow { func } => format!("64 bits do not count the fuel of function {}", self.show(*func)),
            _ => "another reason".into(),
        }
    }

    /// What a reason is called for programs.
    pub(super) fn kind(reason: &Reason) -> &'static str {
        match reason {
            Reason::Recursion { .. } => "recursion",
            Reason::Foreign { .. } => "foreign",
            Reason::Loop { .. } => "loop",
            Reason::Object { .. } => "object",
            Reason::Length { .. } => "length",
            Reason::Exception { .. } => "exception",
            Reason::Calls { .. } => "calls",
            Reason::Instance { .. } => "instance",
            Reason::Unstructured { .. } => "unstructured",
            Reason::Complex { .. } => "complex",
            Reason::Overflow { .. } => "overflow",
            _ => "other",
        }
    }
}
