//! Types by which values are told apart: when one is a subtype of another, and when two are the same.
//!
//! Types are equal if their whole recursion groups are, with what is outside of a group named by what it is and what is
//! inside by its place (core 3.1.4, "rolling"). A store gives each type a number, such that equal types of all modules
//! have the same one: comparing types is comparing numbers, and a supertype is found by walking up a chain of them.

// @need-ids: REQ_TYPES_001, REQ_TYPES_002

use crate::image::FileRule;
use crate::image::format::{AbstractHeapType, HeapType, NONE, Sub, TYPE_INDEX_MAX, TypeRecord, ValType, form};
use crate::instantiate::InstantiateError;
use wrt_instructions::Part;
use wrt_safety::LimitExceeded;

/// How many supertypes may stand above a type, one above the other: what the web's engines allow (JavaScript API,
/// implementation limits).
pub const SUPERTYPES_MAX: u32 = 63;

/// The most parameters, and the most results, that a function type may have: what the web's engines allow
/// (JavaScript API, implementation limits).
pub const ARITY_MAX: u16 = 1_000;

/// The most fields that a structure may have: what the web's engines allow.
pub const FIELDS_MAX: u16 = 10_000;

/// How many slots values of these types take.
pub fn slots_of(types: &[ValType]) -> u32 {
    if Part::Simd.is_built() {
        types.iter().map(|ty| ty.slots()).sum()
    } else {
        u32::try_from(types.len()).unwrap_or(u32::MAX)
    }
}

/// Types: of an image, which name each other by index, or of a store, which do by number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Types<'a> {
    /// All of them.
    pub records: &'a [TypeRecord],
    /// Parameters, results and fields of all of them.
    pub val_types: &'a [ValType],
}

impl<'a> Types<'a> {
    fn get(&self, index: u32) -> Option<&'a TypeRecord> {
        self.records.get(index as usize)
    }

    /// Parameters and then results, or fields.
    pub(crate) fn all_parts(&self, record: TypeRecord) -> Option<&'a [ValType]> {
        let count = usize::from(record.params.get()).checked_add(record.results().into())?;
        self.val_types.get(record.start.get() as usize..)?.get(..count)
    }

    /// What is said of a type besides its parts.
    #[cfg_attr(feature = "compact", inline(never))]
    pub fn sub(&self, record: &TypeRecord) -> Sub {
        let plain = Sub { form: record.form(), ..Sub::PLAIN };
        if !Part::References.is_built() {
            return plain;
        }
        let before = self.val_types.get(..record.start.get() as usize).and_then(<[ValType]>::last);
        let supertype = before.filter(|_| record.has_supertype()).map_or(NONE, |word| word.code.get());
        Sub { supertype, is_joined: record.is_joined(), ..plain }
    }

    /// One past the last type of the recursion group that begins with type `first`.
    fn group_end(&self, first: u32) -> u32 {
        let behind = self.records.iter().skip(first as usize).skip(1).take_while(|record| record.is_joined());
        behind.fold(first, |last, _| last.saturating_add(1)).saturating_add(1)
    }

    /// The first type of each recursion group, and one past its last.
    pub fn groups(self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        let mut first = 0;
        core::iter::from_fn(move || {
            self.get(first)?;
            let end = self.group_end(first);
            Some((core::mem::replace(&mut first, end), end))
        })
    }

    /// Parameters and results, or fields.
    fn parts(&self, record: TypeRecord) -> Option<(&'a [ValType], &'a [ValType])> {
        self.all_parts(record)?.split_at_checked(record.params.get().into())
    }

    /// Parameters and results of a function type.
    pub fn func(&self, index: u32) -> Option<(&'a [ValType], &'a [ValType])> {
        // Without references, there are no others.
        let is_func = |record: &&TypeRecord| !Part::References.is_built() || record.kind() == form::FUNC;
        self.parts(*self.get(index).filter(is_func)?)
    }

    /// Form and fields of a structure or array.
    pub fn fields(&self, index: u32) -> Option<(u16, &'a [ValType])> {
        if !Part::References.is_built() {
            return None;
        }
        let record = self.get(index).filter(|record| record.kind() != form::FUNC)?;
        Some((record.kind(), self.parts(*record)?.0))
    }

    /// Whether maps of frames have values of a type: all references but those to functions. Also where a type by itself has no object
    /// among its values: the parameter of a loop may be of a type above.
    // @need-ids: REQ_GC_003
    pub fn is_traced(&self, ty: ValType) -> bool {
        match ty.storage().heap() {
            Some(HeapType::Abstract(heap)) => !matches!(heap, AbstractHeapType::Func | AbstractHeapType::NoFunc),
            Some(HeapType::Concrete(index)) => self.get(index).is_some_and(|record| record.kind() != form::FUNC),
            None => false,
        }
    }

    /// The type right above.
    pub fn supertype(&self, index: u32) -> Option<u32> {
        let above = self.sub(self.get(index)?).supertype;
        // Before it, so that every chain ends.
        (above < index).then_some(above)
    }

    /// Whether a type is `wanted` or below it (core 3.3.3, "defined types").
    // @need-ids: REQ_TYPES_002
    pub fn is_subtype(&self, ty: u32, wanted: u32) -> bool {
        if !Part::References.is_built() {
            return ty == wanted;
        }
        let mut at = ty;
        for _ in 0..=SUPERTYPES_MAX {
            if at == wanted {
                return true;
            }
            let Some(above) = self.supertype(at) else { return false };
            at = above;
        }
        false
    }

    /// Whether every value of type `found` is one of type `wanted` (core 3.3.1, "value types").
    // @need-ids: REQ_TYPES_002
    pub fn matches(&self, found: ValType, wanted: ValType) -> bool {
        if !Part::References.is_built() {
            return found == wanted;
        }
        match (found.heap(), wanted.heap()) {
            (Some(heap), Some(above)) => {
                (wanted.is_nullable() || !found.is_nullable()) && self.heap_matches(heap, above)
            }
            _ => found == wanted,
        }
    }

    /// Heap types (core 3.3.2).
    fn heap_matches(&self, found: HeapType, wanted: HeapType) -> bool {
        use AbstractHeapType::{Any, Array, Eq, Func, NoFunc, None, Struct};
        match (found, wanted) {
            (HeapType::Abstract(found), HeapType::Abstract(wanted)) => abstract_matches(found, wanted),
            (HeapType::Concrete(found), HeapType::Concrete(wanted)) => self.is_subtype(found, wanted),
            (HeapType::Concrete(found), HeapType::Abstract(wanted)) => match self.get(found).map(TypeRecord::kind) {
                Some(form::FUNC) => wanted == Func,
                Some(form::STRUCT) => matches!(wanted, Struct | Eq | Any),
                Some(form::ARRAY) => matches!(wanted, Array | Eq | Any),
                _ => false,
            },
            (HeapType::Abstract(found), HeapType::Concrete(wanted)) => match self.get(wanted).map(TypeRecord::kind) {
                Some(form::FUNC) => found == NoFunc,
                Some(_) => found == None,
                _ => false,
            },
        }
    }

    /// Whether a field of type `found` can be used as one of type `wanted` (core 3.3.5, "field types").
    fn field_matches(&self, found: ValType, wanted: ValType) -> bool {
        match (found.is_mutable(), wanted.is_mutable()) {
            (false, false) => self.matches(found, wanted),
            _ => found == wanted,
        }
    }

    /// Whether a type has the form and parts that its supertype asks for (core 3.2.9, "sub types"). Numbers only: by
    /// index, equal types may look different.
    fn fits_supertype(&self, record: TypeRecord) -> bool {
        let supertype = self.sub(&record).supertype;
        if supertype == NONE {
            return true;
        }
        let above = self.get(supertype).filter(|above| !above.is_final() && above.kind() == record.kind());
        let parts = above.and_then(|above| Some((self.parts(record)?, self.parts(*above)?)));
        let Some(((params, results), (wanted_params, wanted_results))) = parts else { return false };
        let all = |found: &[ValType], wanted: &[ValType], fits: &dyn Fn(ValType, ValType) -> bool| {
            found.len() >= wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| fits(*found, *wanted))
        };
        if record.kind() == form::FUNC {
            return params.len() == wanted_params.len()
                && results.len() == wanted_results.len()
                && all(wanted_params, params, &|found, wanted| self.matches(found, wanted))
                && all(results, wanted_results, &|found, wanted| self.matches(found, wanted));
        }
        all(params, wanted_params, &|found, wanted| self.field_matches(found, wanted))
    }

    /// Checks type `index` of an image by itself, in a recursion group up to `end`: its form, its parts, and that what it names is
    /// there. Whether it fits its supertype is checked by the store.
    ///
    /// # Errors
    /// The rule that does not hold.
    // @need-ids: REQ_TYPES_003, REQ_IMAGE_001
    pub fn check(&self, index: u32, end: u32) -> Result<(), FileRule> {
        let require = |holds: bool, rule: FileRule| if holds { Ok(()) } else { Err(rule) };
        let record = self.get(index).ok_or(FileRule::TypeIndex)?;
        let (kind, params, results) = (record.kind(), record.params.get(), record.results());
        let most = if kind == form::STRUCT { FIELDS_MAX } else { ARITY_MAX };
        require(params.max(results) <= most, FileRule::TypeArity)?;
        let parts = match kind {
            form::FUNC => true,
            form::STRUCT => results == 0,
            form::ARRAY => (params, results) == (1, 0),
            _ => false,
        };
        require(parts && record.form() & !(form::KIND | form::OPEN) == 0, FileRule::TypeForm)?;
        require(index > 0 || !record.is_joined(), FileRule::TypeGroup)?;
        for ty in self.all_parts(*record).ok_or(FileRule::TypeRange)? {
            let known = if kind == form::FUNC { ty.is_known() } else { ty.is_field() };
            require(known, FileRule::ValueType)?;
            require(ty.type_index().is_none_or(|index| index < end), FileRule::TypeIndex)?;
        }
        if !record.has_supertype() {
            return Ok(());
        }
        let above = self.sub(record).supertype;
        let above = self.get(above).filter(|_| above < index);
        require(above.is_some_and(|above| !above.is_final() && above.kind() == kind), FileRule::Supertype)?;
        let mut at = index;
        for _ in 0..=SUPERTYPES_MAX {
            let Some(above) = self.supertype(at) else { return Ok(()) };
            at = above;
        }
        Err(FileRule::Supertype)
    }
}

/// Whether one abstract heap type is the other or below it.
fn abstract_matches(found: AbstractHeapType, wanted: AbstractHeapType) -> bool {
    use AbstractHeapType::{Any, Array, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, None, Struct};
    found == wanted
        || match found {
            NoFunc => wanted == Func,
            NoExtern => wanted == Extern,
            NoExn => wanted == Exn,
            None => matches!(wanted, I31 | Struct | Array | Eq | Any),
            I31 | Struct | Array => matches!(wanted, Eq | Any),
            Eq => wanted == Any,
            Func | Extern | Exn | Any => false,
        }
}

/// A recursion group, as a store takes it in.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    types: Types<'a>,
    first: u32,
    length: u32,
    /// The store's number of each type before it; `None` where types are numbers already.
    numbers: Option<&'a [u32]>,
}

/// In a word of a group, in place of the mark of a type outside: the type is inside, and this is its place.
const INSIDE: u32 = 0x62;

impl<'a> Group<'a> {
    /// The group that begins with type `first` of an image, with the store's numbers of the types before it.
    ///
    /// # Errors
    /// The rule that one of its types breaks.
    pub fn of_image(types: Types<'a>, first: u32, numbers: &'a [u32]) -> Result<Self, FileRule> {
        let end = types.group_end(first);
        (first..end).try_for_each(|index| types.check(index, end))?;
        Ok(Self { types, first, length: end.saturating_sub(first), numbers: Some(numbers) })
    }

    /// How many types it has.
    pub const fn length(&self) -> u32 {
        self.length
    }

    /// The store's number of a type outside.
    fn number(&self, index: u32) -> u32 {
        match self.numbers {
            Some(numbers) => numbers.get(index as usize).copied().unwrap_or(NONE),
            None => index,
        }
    }

    /// Its place, if it is inside.
    fn place(&self, index: u32) -> Option<u32> {
        index.checked_sub(self.first).filter(|place| *place < self.length)
    }

    fn records(&self) -> &'a [TypeRecord] {
        let end = self.first.saturating_add(self.length);
        self.types.records.get(self.first as usize..end as usize).unwrap_or_default()
    }

    /// The group in words: two groups are the same if their words are. What is outside stands there by its number, what is
    /// inside by its place.
    // @need-ids: REQ_TYPES_001
    pub fn words(&self) -> impl Iterator<Item = u32> + use<'a> {
        let group = *self;
        let of_type = move |record: &'a TypeRecord| group.head(*record).into_iter().chain(group.part_words(record));
        core::iter::once(group.length).chain(group.records().iter().flat_map(of_type))
    }

    /// Whether two groups have the same words.
    // @need-ids: REQ_TYPES_001
    fn is_same(&self, other: &Self) -> bool {
        let same = |(record, known): (&'a TypeRecord, &'a TypeRecord)| {
            self.head(*record) == other.head(*known) && self.part_words(record).eq(other.part_words(known))
        };
        self.length == other.length && self.records().iter().zip(other.records()).all(same)
    }

    /// The words of one of its types but those of its parts.
    fn head(&self, record: TypeRecord) -> [u32; 5] {
        let sub = self.types.sub(&record);
        let [mark, above] = match sub.supertype {
            NONE => [0, 0],
            above => self.place(above).map_or_else(|| [1, self.number(above)], |place| [2, place]),
        };
        [sub.form.into(), record.params.get().into(), record.results().into(), mark, above]
    }

    fn part_words(self, record: &'a TypeRecord) -> impl Iterator<Item = u32> + use<'a> {
        self.types.all_parts(*record).unwrap_or_default().iter().map(move |ty| self.word(*ty))
    }

    fn word(&self, ty: ValType) -> u32 {
        match ty.type_index() {
            None => ty.code.get(),
            Some(index) => match self.place(index) {
                None => ty.with_type_index(self.number(index)).code.get(),
                // The marks differ in one bit, in which both are this.
                Some(place) => ty.with_type_index(place).code.get() & !0x7F | INSIDE,
            },
        }
    }

    /// What stands for a type or part once the group's first type has the number `base`.
    fn numbered(&self, index: u32, base: u32) -> u32 {
        self.place(index).map_or_else(|| self.number(index), |place| base.saturating_add(place))
    }
}

/// The group among a store's types; `None` where it is new. Compares it with each: a store that may hold many types has an
/// index of its own.
// @need-ids: REQ_TYPES_001
pub fn find(types: Types<'_>, group: &Group<'_>) -> Option<u32> {
    let found = types.groups().find(|(first, end)| {
        let known = Group { types, first: *first, length: end.saturating_sub(*first), numbers: None };
        known.is_same(group)
    });
    found.map(|(first, _)| first)
}

/// The [words](Group::words) of a plain function type with these parts, in a store's numbers.
pub fn func_words<'a>(params: &'a [ValType], results: &'a [ValType]) -> impl Iterator<Item = u32> + use<'a> {
    let count = |parts: &[ValType]| u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let head = [1, Sub::PLAIN.form.into(), count(params), count(results), 0, 0];
    head.into_iter().chain(params.iter().chain(results).map(|ty| ty.code.get()))
}

/// The plain function type with these parts, in the store's numbers; `None` where it is new.
pub fn find_func(types: Types<'_>, params: &[ValType], results: &[ValType]) -> Option<u32> {
    let found = types.groups().find(|(index, end)| {
        let plain = |record: &&TypeRecord| end.checked_sub(*index) == Some(1) && types.sub(record) == Sub::PLAIN;
        // One that names itself means its place in its group, which nothing outside can name.
        let own = |ty: &ValType| ty.type_index() == Some(*index);
        let parts = types.get(*index).filter(plain).and_then(|record| types.parts(*record));
        parts == Some((params, results)) && !params.iter().chain(results).any(own)
    });
    found.map(|(index, _)| index)
}

/// What types are added to.
pub trait TypeStore {
    /// All types so far.
    fn types(&self) -> Types<'_>;
    /// Makes room for so many types and parts more. `None`, with nothing changed, where there is none.
    fn reserve_types(&mut self, types: usize, parts: usize) -> Option<()>;
    /// Adds a part, for which there is room.
    fn push_part(&mut self, part: ValType);
    /// Adds a type, for which there is room.
    fn push_type(&mut self, record: TypeRecord);
    /// Takes back what is beyond so many types and parts.
    fn truncate_types(&mut self, types: usize, parts: usize);
}

/// Why types were not added to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TypeError {
    /// The image breaks a rule.
    Rule(FileRule),
    /// The limit `max-types`.
    Limit(LimitExceeded),
    /// There is no room.
    Full,
}

impl From<FileRule> for TypeError {
    fn from(rule: FileRule) -> Self {
        Self::Rule(rule)
    }
}

impl From<TypeError> for InstantiateError {
    fn from(error: TypeError) -> Self {
        match error {
            TypeError::Rule(rule) => Self::Corrupt(rule.message()),
            TypeError::Limit(limit) => Self::Limit(limit),
            TypeError::Full => Self::OutOfStorage(crate::instantiate::OutOfStorage::Types),
        }
    }
}

/// Adds a group that is new, at most `limit` types in all; the number of its first type.
///
/// # Errors
/// [`TypeError`], with nothing added.
// @need-ids: REQ_TYPES_001, REQ_TYPES_003, REQ_LIMITS_001
pub fn append(store: &mut dyn TypeStore, group: &Group<'_>, limit: u32) -> Result<u32, TypeError> {
    let (types, parts) = (store.types().records.len(), store.types().val_types.len());
    let base = within(limit, types, group.length)?;
    let words = |record: &TypeRecord| u64::from(record.has_supertype());
    let counts = group
        .records()
        .iter()
        .map(|record| words(record) + u64::from(record.params.get()) + u64::from(record.results()));
    let wanted = usize::try_from(counts.sum::<u64>()).map_err(|_| TypeError::Full)?;
    store.reserve_types(group.length as usize, wanted).ok_or(TypeError::Full)?;
    for record in group.records() {
        let mut sub = group.types.sub(record);
        if sub.supertype != NONE {
            sub.supertype = group.numbered(sub.supertype, base);
        }
        sub.word().into_iter().for_each(|word| store.push_part(word));
        let start = u32::try_from(store.types().val_types.len()).map_err(|_| TypeError::Full)?;
        for part in group.types.all_parts(*record).ok_or(FileRule::TypeRange)? {
            let index = part.type_index().map_or(0, |index| group.numbered(index, base));
            store.push_part(part.with_type_index(index));
        }
        store.push_type(sub.record(start, record.params.get(), record.results()));
    }
    let all = store.types();
    if all.records.iter().skip(types).all(|record| all.fits_supertype(*record)) {
        return Ok(base);
    }
    store.truncate_types(types, parts);
    Err(FileRule::Supertype.into())
}

/// Adds a plain function type that is new, in the store's numbers; its number.
///
/// # Errors
/// [`TypeError`], with nothing added.
pub fn append_func(
    store: &mut dyn TypeStore,
    params: &[ValType],
    results: &[ValType],
    limit: u32,
) -> Result<u32, TypeError> {
    let number = |len: usize| u32::try_from(len).map_err(|_| TypeError::Full);
    let types = store.types().records.len();
    let base = within(limit, types, 1)?;
    let arity = |parts: &[ValType]| u16::try_from(parts.len()).ok().filter(|arity| *arity <= ARITY_MAX);
    let (inputs, outputs) = arity(params).zip(arity(results)).ok_or(FileRule::TypeArity)?;
    let record = TypeRecord::func(number(store.types().val_types.len())?, inputs, outputs);
    for part in params.iter().chain(results) {
        if !part.is_known() || part.type_index().is_some_and(|index| index >= base) {
            return Err(FileRule::ValueType.into());
        }
    }
    store.reserve_types(1, params.len().saturating_add(results.len())).ok_or(TypeError::Full)?;
    params.iter().chain(results).for_each(|part| store.push_part(*part));
    store.push_type(record);
    Ok(base)
}

/// The number of the first of `more` types.
fn within(limit: u32, types: usize, more: u32) -> Result<u32, TypeError> {
    let limit = u64::from(limit).min(u64::from(TYPE_INDEX_MAX).saturating_add(1));
    let wanted = (types as u64).saturating_add(more.into());
    if wanted > limit {
        return Err(TypeError::Limit(LimitExceeded { key: "max-types", limit, wanted }));
    }
    u32::try_from(types).map_err(|_| TypeError::Full)
}
