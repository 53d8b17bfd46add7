//! The types of a store, told apart by the rules of the specification (core 3.1.4).

use crate::error::{Defect, Error, LimitError, UsageError};
use crate::store::StoreId;
use crate::types::{FuncType, Scope};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use spin::Once;
use wrt_runtime::Image;
use wrt_runtime::image::format::{TypeRecord, ValType};
use wrt_runtime::typing::{self, Group, TypeError, TypeStore, Types};

/// All types of a store, and an index of their recursion groups: comparing a group with each would take a module of
/// many types hours.
#[derive(Debug)]
pub(crate) struct TypePool {
    id: StoreId,
    lists: Lists,
    /// The first number of each group, by its words.
    groups: BTreeMap<Box<[u32]>, u32>,
    /// Function types as embedders see them, made when one is asked for; `None` for structures and arrays.
    funcs: Vec<Once<Option<FuncType>>>,
}

#[derive(Clone, Debug, Default)]
struct Lists {
    records: Vec<TypeRecord>,
    val_types: Vec<ValType>,
}

impl TypeStore for Lists {
    fn types(&self) -> Types<'_> {
        Types { records: &self.records, val_types: &self.val_types }
    }

    fn reserve_types(&mut self, types: usize, parts: usize) -> Option<()> {
        self.records.try_reserve(types).ok()?;
        self.val_types.try_reserve(parts).ok()
    }

    fn push_part(&mut self, part: ValType) {
        self.val_types.push(part);
    }

    fn push_type(&mut self, record: TypeRecord) {
        self.records.push(record);
    }

    fn truncate_types(&mut self, types: usize, parts: usize) {
        self.records.truncate(types);
        self.val_types.truncate(parts);
    }
}

impl TypePool {
    /// The store that it is of.
    pub(crate) fn id(&self) -> StoreId {
        self.id
    }

    /// How many types there are.
    pub(crate) fn len(&self) -> usize {
        self.lists.records.len()
    }

    /// The same types, for comparing them: nothing can be added.
    pub(crate) fn copy(&self) -> Self {
        let funcs = self.funcs.iter().map(|_| Once::new()).collect();
        Self { id: self.id, lists: self.lists.clone(), groups: BTreeMap::new(), funcs }
    }
}

/// Most groups have no more words.
const FEW_WORDS: usize = 16;

/// The words of a group, in `few` or else in `many`.
fn words_of<'w>(group: &Group<'_>, few: &'w mut [u32; FEW_WORDS], many: &'w mut Vec<u32>) -> &'w [u32] {
    let mut words = group.words();
    let count = few.iter_mut().zip(&mut words).map(|(to, word)| *to = word).count();
    let Some(next) = words.next() else { return few.get(..count).unwrap_or_default() };
    many.clear();
    many.extend(few.iter().copied().chain(core::iter::once(next)).chain(words));
    many
}

fn refused(error: TypeError) -> Error {
    match error {
        TypeError::Rule(rule) => Error::module(Defect::Invalid, None, rule.message()),
        TypeError::Limit(limit) => limit.into(),
        TypeError::Full => LimitError::out_of_memory("types", 0).into(),
    }
}

impl TypePool {
    pub(crate) fn new(id: StoreId) -> Self {
        Self { id, lists: Lists::default(), groups: BTreeMap::new(), funcs: Vec::new() }
    }

    /// What types are named in.
    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope { id: self.id, types: self.lists.types() }
    }

    /// The function type with a number.
    pub(crate) fn func(&self, number: u32) -> Option<&FuncType> {
        let make = || FuncType::from_records(self.lists.types().func(number)?, self.scope());
        self.funcs.get(number as usize)?.call_once(make).as_ref()
    }

    /// The number of each type of an image, in order.
    // @need-ids: REQ_TYPES_001, REQ_TYPES_003
    pub(crate) fn take_in(&mut self, image: &Image<'_>, limit: u32) -> Result<Vec<u32>, Error> {
        let mut numbers: Vec<u32> = Vec::new();
        numbers.try_reserve_exact(image.types.len()).map_err(|_| refused(TypeError::Full))?;
        let (mut few, mut many) = ([0; FEW_WORDS], Vec::new());
        while numbers.len() < image.types.len() {
            let first = u32::try_from(numbers.len()).map_err(|_| refused(TypeError::Full))?;
            let group = Group::of_image(image.all_types(), first, &numbers).map_err(|rule| refused(rule.into()))?;
            let words = words_of(&group, &mut few, &mut many);
            let number = if let Some(known) = self.groups.get(words) {
                *known
            } else {
                let number = typing::append(&mut self.lists, &group, limit).map_err(refused)?;
                self.added(words, number);
                number
            };
            let length = group.length();
            numbers.extend((number..).take(length as usize));
        }
        Ok(numbers)
    }

    /// The number of a plain function type.
    // @need-ids: REQ_TYPES_001, REQ_TYPES_004
    pub(crate) fn number(&mut self, ty: &FuncType, limit: u32) -> Result<u32, Error> {
        let records = |types: &[crate::types::ValType]| {
            types.iter().map(|ty| ty.record(self.id)).collect::<Result<Vec<_>, UsageError>>()
        };
        let (params, results) = (records(ty.params())?, records(ty.results())?);
        let words: Vec<u32> = typing::func_words(&params, &results).collect();
        if let Some(number) = self.groups.get(words.as_slice()) {
            return Ok(*number);
        }
        let number = typing::append_func(&mut self.lists, &params, &results, limit).map_err(refused)?;
        self.added(&words, number);
        Ok(number)
    }

    /// Notes the group that was added last.
    fn added(&mut self, words: &[u32], number: u32) {
        self.groups.insert(words.into(), number);
        self.funcs.resize_with(self.lists.records.len(), Once::new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;
    use wrt_runtime::image::format::{HeapType, Sub};

    const LIMIT: u32 = 1 << 20;

    fn image<'a>(types: &'a [TypeRecord], val_types: &'a [ValType]) -> Image<'a> {
        Image { types, val_types, ..Image::default() }
    }

    fn to(index: u32) -> ValType {
        ValType::reference(true, HeapType::Concrete(index))
    }

    // @need-ids: REQ_TYPES_001, REQ_LIMITS_001
    #[test]
    fn a_hundred_thousand_types_that_name_each_other_take_no_time_to_speak_of() {
        // Each takes its predecessor twice: as trees they would be larger than any memory.
        let count = 100_000_u32;
        let types: Vec<_> = (0..count).map(|i| TypeRecord::func(i * 2, 2, 0)).collect();
        let parts: Vec<_> = (0..count).flat_map(|i| [i.checked_sub(1).map_or(ValType::I32, to); 2]).collect();
        let mut pool = TypePool::new(StoreId::new());
        let numbers = pool.take_in(&image(&types, &parts), LIMIT).expect("fits");
        assert_eq!(numbers, (0..count).collect::<Vec<_>>());
        // The same again, and behind a type of its own: the same numbers.
        let shifted: Vec<_> = [TypeRecord::func(0, 0, 0)].into_iter().chain(types.iter().copied()).collect();
        let moved: Vec<_> = parts.iter().map(|ty| ty.with_type_index(ty.type_index().map_or(0, |i| i + 1))).collect();
        let again = pool.take_in(&image(&shifted, &moved), LIMIT).expect("fits");
        assert_eq!((again[0], &again[1..]), (count, numbers.as_slice()));
        assert_eq!(pool.take_in(&image(&types, &parts), LIMIT).expect("fits"), numbers);
        let error = pool.take_in(&image(&[TypeRecord::func(0, 1, 0)], &[ValType::F64]), count).expect_err("full");
        assert!(error.to_string().contains("max-types"), "{error}");
    }

    // @need-ids: REQ_TYPES_001
    #[test]
    fn one_large_group_is_one_group() {
        let count = 100_000_u32;
        let sub = |place: u32| Sub { is_joined: place > 0, ..Sub::PLAIN };
        let types: Vec<_> = (0..count).map(|i| sub(i).record(i, 1, 0)).collect();
        let parts = |next: u32| -> Vec<_> { (0..count).map(|i| to((i + next) % count)).collect() };
        let other = parts(2);
        let parts = parts(1);
        let mut pool = TypePool::new(StoreId::new());
        let first = pool.take_in(&image(&types, &parts), LIMIT).expect("fits");
        assert_eq!(pool.take_in(&image(&types, &parts), LIMIT).expect("fits"), first);
        let second = pool.take_in(&image(&types, &other), LIMIT).expect("fits");
        assert_eq!(second.first(), Some(&count));
    }

    // @need-ids: REQ_TYPES_001
    #[test]
    fn a_type_that_names_itself_is_not_one_that_names_it() {
        let mut pool = TypePool::new(StoreId::new());
        let own = [TypeRecord::func(0, 1, 0)];
        let first = pool.take_in(&image(&own, &[to(0)]), LIMIT).expect("fits");
        let two = [TypeRecord::func(0, 1, 0), TypeRecord::func(1, 1, 0)];
        let both = pool.take_in(&image(&two, &[to(0), to(0)]), LIMIT).expect("fits");
        assert_eq!((first, both), (vec![0], vec![0, 1]));
        let ty = pool.func(1).cloned().expect("a function");
        assert_eq!(pool.number(&ty, LIMIT).expect("fits"), 1);
        let recursive = pool.func(0).cloned().expect("a function");
        // As it is told from outside, it names type 0: so does type 1.
        assert_eq!(pool.number(&recursive, LIMIT).expect("fits"), 1);
    }
}
