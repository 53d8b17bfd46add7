//! The heap beside a simple model: what is reached stays as it was, what is not is gone, and nothing lies between.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use wrt_instructions::Trap;
use wrt_runtime::execute::Missing;
use wrt_runtime::heap::layout::{Field, Packed, element, field, object_words, struct_words};
use wrt_runtime::heap::operators::{Not, array_new, new_object};
use wrt_runtime::heap::reference::Referent;
use wrt_runtime::heap::roots::{Code, RefMaps, Roots, RootsAt, collect, collection_price};
use wrt_runtime::heap::{Handle, Heap, HeapState, ObjectType, Wanted, matches};
use wrt_runtime::image::format::{AbstractHeapType, HeapType, Sub, TypeRecord, ValType, form};
use wrt_runtime::stack::{CallState, Frame, Stack, Waiting};
use wrt_runtime::storage::{Entry, FuncInst, Handlers, InstanceView, Storage};
use wrt_runtime::table::Ref;
use wrt_runtime::typing::Types;
use wrt_runtime::{Engine, Execute, Fault, Memory, Outcome, StacklessEngine, Table};
use wrt_safety::VerificationLevel;

const STRUCT: u32 = 0;
const REFS: u32 = 1;
const BYTES: u32 = 2;
/// What exceptions carry: an `i64` and a reference.
const CARRIED: u32 = 3;

/// The fields of the structure and of exceptions that are references, and those that are numbers.
const STRUCT_REFS: [u32; 2] = [1, 3];
const STRUCT_NUMBERS: [u32; 2] = [0, 2];

fn types() -> (Vec<TypeRecord>, Vec<ValType>) {
    let any = ValType::reference(true, HeapType::Abstract(AbstractHeapType::Any)).mutable();
    let parts = vec![
        ValType::I64.mutable(),
        any,
        ValType::I8.mutable(),
        any,
        any,
        ValType::I8.mutable(),
        ValType::I64,
        any.storage(),
    ];
    let record = |kind: u16, start, count| Sub { form: kind | form::OPEN, ..Sub::PLAIN }.record(start, count, 0);
    let records = vec![
        record(form::STRUCT, 0, 4),
        record(form::ARRAY, 4, 1),
        record(form::ARRAY, 5, 1),
        TypeRecord::func(6, 2, 0),
    ];
    (records, parts)
}

/// A store of nothing but a heap and what the host holds.
struct Store {
    state: HeapState,
    words: Vec<u64>,
    handles: Vec<Handle>,
    records: Vec<TypeRecord>,
    parts: Vec<ValType>,
    tags: Vec<u32>,
    held: Vec<Ref>,
    fuel: u64,
}

impl Store {
    /// With storage of so many words and handles from the start.
    fn new(state: HeapState, words: usize, handles: usize) -> Self {
        let (records, parts) = types();
        // What storage holds at first means nothing.
        let (words, handles) = (vec![u64::MAX; words], vec![Handle::NONE; handles]);
        Self { state, words, handles, records, parts, tags: vec![CARRIED], held: Vec::new(), fuel: u64::MAX }
    }

    fn view(&mut self) -> Heap<'_> {
        let types = Types { records: &self.records, val_types: &self.parts };
        Heap {
            state: Some(&mut self.state),
            words: &mut self.words,
            handles: &mut self.handles,
            types,
            tags: &self.tags,
        }
    }

    /// An object, with the storage that it asks for.
    fn make(&mut self, ty: ObjectType, length: u32) -> Result<Ref, Trap> {
        let mut state = CallState::IDLE;
        let (mut slots, mut frames) = ([0; 300], []);
        let mut fuel = self.fuel;
        let made = loop {
            let stack = Stack::new(&mut slots, &mut frames, 1, &mut state);
            match new_object(self, (&stack, Code::Register), (ty, length), 1, &mut fuel) {
                Ok(reference) => break Ok(reference),
                Err(Not::Trap(info)) => break Err(info.trap),
                Err(Not::Wait(Outcome::NeedsHeap(Wanted { words, handles }))) => {
                    assert!(words <= self.state.max_words && handles <= self.state.max_handles);
                    self.words.resize((words as usize).max(self.words.len()), 3);
                    self.handles.resize((handles as usize).max(self.handles.len()), Handle::NONE);
                }
                Err(Not::Wait(other)) => panic!("{other:?}"),
            }
        };
        self.fuel = fuel;
        made
    }

    /// All that a heap is.
    fn contents(&self) -> (HeapState, &[u64], &[Handle]) {
        (self.state, &self.words[..self.state.used as usize], &self.handles[..self.state.handles as usize])
    }
}

impl Storage for Store {
    fn heap(&mut self) -> Option<Heap<'_>> {
        Some(self.view())
    }
    fn roots(&mut self, at: &mut RootsAt) -> Option<(Heap<'_>, Roots<'_>)> {
        if at.next() != (0, 0) {
            return None;
        }
        let types = Types { records: &self.records, val_types: &self.parts };
        let Self { state, words, handles, tags, held, .. } = self;
        Some((Heap { state: Some(state), words, handles, types, tags }, Roots::Refs(held)))
    }
    fn types(&self) -> Types<'_> {
        Types { records: &self.records, val_types: &self.parts }
    }
    fn instance(&mut self, _: u32) -> Option<InstanceView<'_>> {
        None
    }
    fn func(&self, _: u32) -> Option<FuncInst> {
        None
    }
    fn func_addr(&self, _: u32, _: u32) -> Option<u32> {
        None
    }
    fn entry(&self, _: u32, _: u32) -> Option<Entry> {
        None
    }
    fn type_id(&self, _: u32, _: u32) -> Option<u32> {
        None
    }
    fn tag_addr(&self, _: u32, _: u32) -> Option<u32> {
        None
    }
    fn handlers(&self, _: u32) -> Option<Handlers<'_>> {
        None
    }
    fn memory(&mut self, _: u32, _: u32) -> Option<Memory<'_>> {
        None
    }
    fn two_memories(&mut self, _: u32, _: u32, _: u32) -> Option<(Memory<'_>, Memory<'_>)> {
        None
    }
    fn memory_and_data(&mut self, _: u32, _: u32, _: u32) -> Option<(Memory<'_>, &[u8])> {
        None
    }
    fn drop_data(&mut self, _: u32, _: u32) {}
    fn table(&mut self, _: u32, _: u32) -> Option<Table<'_>> {
        None
    }
    fn two_tables(&mut self, _: u32, _: u32, _: u32) -> Option<(Table<'_>, Table<'_>)> {
        None
    }
    fn table_and_elements(&mut self, _: u32, _: u32, _: u32) -> Option<(Table<'_>, &[Ref])> {
        None
    }
    fn drop_elements(&mut self, _: u32, _: u32) {}
}

/// An object of the model: what it is, its references and its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Object {
    kind: Kind,
    refs: Vec<Target>,
    numbers: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Struct,
    Refs,
    Bytes,
    Exception,
}

/// What a reference of the model is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Null,
    Number(u32),
    Host(u32),
    Object(usize),
}

#[derive(Clone, Debug)]
enum Action {
    /// Makes an object of so many elements, and holds it.
    Make(u8, u16),
    /// Lets go of a held reference.
    Drop(usize),
    /// Sets a reference in a held object to a held object, or to something else.
    Link(usize, usize, usize),
    /// Sets a number in a held object.
    Set(usize, usize, u64),
    /// Holds what a held object has at a place.
    Follow(usize, usize),
    Collect,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let index = 0..1_000_usize;
    let one = prop_oneof![
        6 => (0..4_u8, 0..40_u16).prop_map(|(kind, length)| Action::Make(kind, length)),
        3 => index.clone().prop_map(Action::Drop),
        6 => (index.clone(), index.clone(), index.clone()).prop_map(|(a, b, c)| Action::Link(a, b, c)),
        2 => (index.clone(), index.clone(), any::<u64>()).prop_map(|(a, b, value)| Action::Set(a, b, value)),
        2 => (index.clone(), index).prop_map(|(a, b)| Action::Follow(a, b)),
        1 => Just(Action::Collect),
    ];
    proptest::collection::vec(one, 1..400)
}

/// The heap and the model of it.
struct Both {
    store: Store,
    objects: BTreeMap<usize, Object>,
    held: Vec<usize>,
    /// The reference to each object of the model that was not collected.
    refs: BTreeMap<usize, Ref>,
    next: usize,
}

impl Both {
    fn new(store: Store) -> Self {
        Self { store, objects: BTreeMap::new(), held: Vec::new(), refs: BTreeMap::new(), next: 0 }
    }

    fn words(&self, object: &Object) -> u64 {
        let length = object.refs.len().max(object.numbers.len()) as u32;
        let types = Types { records: &self.store.records, val_types: &self.store.parts };
        match object.kind {
            Kind::Struct => object_words(types, STRUCT, 0),
            Kind::Refs => object_words(types, REFS, length),
            Kind::Bytes => object_words(types, BYTES, length),
            // An i64 and a reference.
            Kind::Exception => Some(3),
        }
        .unwrap()
    }

    fn reached(&self) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut left = self.held.clone();
        while let Some(id) = left.pop() {
            if reached.insert(id) {
                left.extend(self.objects[&id].refs.iter().filter_map(|target| match target {
                    Target::Object(id) => Some(*id),
                    _ => None,
                }));
            }
        }
        reached
    }

    fn hold(&mut self, id: usize) {
        self.held.push(id);
        self.store.held.push(self.refs[&id]);
    }

    fn reference(&self, target: Target) -> Ref {
        match target {
            Target::Null => Referent::Null.reference(),
            Target::Number(number) => Referent::I31(number).reference(),
            Target::Host(number) => Referent::HostValue(number).reference(),
            Target::Object(id) => self.refs[&id],
        }
    }

    fn act(&mut self, action: &Action) {
        match *action {
            Action::Make(kind, length) => self.make(kind, length),
            Action::Collect => {
                collect(&mut self.store, None).unwrap();
                self.check_after_collection();
            }
            _ if self.held.is_empty() => {}
            Action::Drop(at) => {
                let at = at % self.held.len();
                self.held.swap_remove(at);
                self.store.held.swap_remove(at);
            }
            Action::Link(from, at, to) => {
                let from = self.held[from % self.held.len()];
                let target = match to % 5 {
                    0 => Target::Null,
                    1 => Target::Number(to as u32),
                    2 => Target::Host(to as u32),
                    _ => Target::Object(self.held[to % self.held.len()]),
                };
                let (kind, count) = (self.objects[&from].kind, self.objects[&from].refs.len());
                // What an exception carries never changes.
                if count > 0 && kind != Kind::Exception {
                    self.set_ref(from, at % count, target);
                }
            }
            Action::Set(object, at, value) => {
                let id = self.held[object % self.held.len()];
                let (kind, count) = (self.objects[&id].kind, self.objects[&id].numbers.len());
                if count > 0 && kind != Kind::Exception {
                    self.set_number(id, at % count, value);
                }
            }
            Action::Follow(object, at) => {
                let id = self.held[object % self.held.len()];
                let refs = &self.objects[&id].refs;
                if let Some(Target::Object(id)) = refs.get(at % refs.len().max(1)) {
                    self.hold(*id);
                }
            }
        }
    }

    fn make(&mut self, kind: u8, length: u16) {
        let (ty, kind, refs, numbers) = match kind {
            0 => (ObjectType::Of(STRUCT), Kind::Struct, 2, 2),
            1 => (ObjectType::Of(REFS), Kind::Refs, length, 0),
            2 => (ObjectType::Of(BYTES), Kind::Bytes, 0, length),
            _ => (ObjectType::Exception(0), Kind::Exception, 1, 1),
        };
        let object = Object { kind, refs: vec![Target::Null; refs.into()], numbers: vec![0; numbers.into()] };
        let words = self.words(&object);
        let before = self.store.state.collections;
        let made = self.store.make(ty, length.into());
        if self.store.state.collections != before {
            self.forget();
        }
        match made {
            Ok(reference) => {
                let id = self.next;
                self.next += 1;
                self.objects.insert(id, object);
                assert!(self.refs.insert(id, reference).is_none());
                self.hold(id);
                if kind == Kind::Exception {
                    self.set_number(id, 0, id as u64);
                    let target = Target::Object(self.held[0]);
                    self.set_ref(id, 0, target);
                }
            }
            Err(trap) => {
                assert_eq!(trap, Trap::HeapExhausted);
                let live: u64 = self.reached().iter().map(|id| self.words(&self.objects[id])).sum();
                let full = live + words > self.store.state.max_words.into();
                assert!(full || self.reached().len() >= self.store.state.max_handles as usize);
            }
        }
    }

    fn set_ref(&mut self, id: usize, at: usize, target: Target) {
        let value = [self.reference(target).into(), 0];
        let reference = self.refs[&id];
        let object = self.objects.get_mut(&id).unwrap();
        object.refs[at] = target;
        let kind = object.kind;
        let mut heap = self.store.view();
        match kind {
            Kind::Struct => {
                let field = field(heap.types, STRUCT, STRUCT_REFS[at]).unwrap();
                heap.struct_set(reference, field, value).unwrap();
            }
            Kind::Refs => heap.array_set(reference, Packed::W32, at as u32, value).unwrap(),
            Kind::Exception => {
                let (object, tag) = heap.exception(reference).unwrap();
                let carried = heap.carried(tag).unwrap();
                let field = wrt_runtime::heap::layout::Fields::new(carried).nth(1).unwrap().1;
                heap.set_field(&object, field, value).unwrap();
            }
            Kind::Bytes => unreachable!(),
        }
    }

    fn set_number(&mut self, id: usize, at: usize, value: u64) {
        let reference = self.refs[&id];
        let object = self.objects.get_mut(&id).unwrap();
        let (kind, narrow) = (object.kind, object.kind == Kind::Bytes || at == 1);
        object.numbers[at] = if narrow { value & 0xFF } else { value };
        let mut heap = self.store.view();
        match kind {
            Kind::Struct => {
                let field = field(heap.types, STRUCT, STRUCT_NUMBERS[at]).unwrap();
                heap.struct_set(reference, field, [value, 0]).unwrap();
            }
            Kind::Bytes => heap.array_set(reference, Packed::I8, at as u32, [value, 0]).unwrap(),
            Kind::Exception => {
                let (object, tag) = heap.exception(reference).unwrap();
                let field = wrt_runtime::heap::layout::Fields::new(heap.carried(tag).unwrap()).next().unwrap().1;
                heap.set_field(&object, field, [value, 0]).unwrap();
            }
            Kind::Refs => unreachable!(),
        }
    }

    /// What was not reached is gone.
    fn forget(&mut self) {
        let reached = self.reached();
        self.objects.retain(|id, _| reached.contains(id));
        self.refs.retain(|id, _| reached.contains(id));
    }

    fn check_after_collection(&mut self) {
        self.forget();
        let words: u64 = self.objects.values().map(|object| self.words(object)).sum();
        assert_eq!(u64::from(self.store.state.used), words, "no gap and nothing too much");
        self.check();
    }

    /// All that is reached is as it should be.
    fn check(&mut self) {
        for (id, object) in &self.objects {
            let reference = self.refs[id];
            let refs: Vec<_> = object.refs.iter().map(|target| self.reference(*target)).collect();
            let heap = self.store.view();
            let found = heap.object(reference).expect("it is there");
            let get = |index: u32| field(heap.types, STRUCT, index).and_then(|field| heap.field(&found, field, false));
            let (found_refs, numbers): (Vec<Ref>, Vec<u64>) = match object.kind {
                Kind::Struct => (
                    STRUCT_REFS.map(|index| get(index).unwrap()[0] as Ref).into(),
                    STRUCT_NUMBERS.map(|index| get(index).unwrap()[0]).into(),
                ),
                Kind::Refs => {
                    let element = |at| heap.array_get(reference, Packed::W32, at, false).unwrap()[0] as Ref;
                    ((0..found.length).map(element).collect(), Vec::new())
                }
                Kind::Bytes => {
                    let element = |at| heap.array_get(reference, Packed::I8, at, false).unwrap()[0];
                    (Vec::new(), (0..found.length).map(element).collect())
                }
                Kind::Exception => {
                    let carried = wrt_runtime::heap::layout::Fields::new(heap.carried(0).unwrap());
                    let both: Vec<_> = carried.map(|(_, at)| heap.field(&found, at, false).unwrap()[0]).collect();
                    (vec![both[1] as Ref], vec![both[0]])
                }
            };
            assert_eq!((found_refs, numbers), (refs, object.numbers.clone()), "{object:?}");
        }
    }
}

proptest! {
    // @need-ids: REQ_GC_001, REQ_GC_002, REQ_GC_003
    #[test]
    fn what_is_reached_stays_and_the_rest_is_gone(
        actions in actions(),
        max_words in 20..600_u32,
        max_handles in 3..80_u32,
    ) {
        let state = HeapState::new(max_words, max_handles);
        let mut both = Both::new(Store::new(state, 0, 0));
        for action in &actions {
            both.act(action);
        }
        both.check();
        collect(&mut both.store, None).unwrap();
        both.check_after_collection();
    }

    // @need-ids: REQ_GC_003
    #[test]
    fn the_same_actions_leave_the_same_heap_whatever_the_storage_is(
        actions in actions(),
        max_words in 20..600_u32,
    ) {
        let state = HeapState::new(max_words, 50);
        let mut small = Both::new(Store::new(state, 0, 0));
        let mut large = Both::new(Store::new(state, 1_000, 60));
        for action in &actions {
            small.act(action);
            large.act(action);
            prop_assert_eq!(small.store.contents(), large.store.contents());
            prop_assert_eq!(small.store.fuel, large.store.fuel);
        }
    }
}

// @need-ids: REQ_GC_001, REQ_MEM_SAFETY_001
#[test]
fn fields_and_elements_that_an_object_has_not_are_none() {
    let mut store = Store::new(HeapState::new(100, 20), 0, 0);
    let structure = store.make(ObjectType::Of(STRUCT), 0).unwrap();
    let bytes = store.make(ObjectType::Of(BYTES), 9).unwrap();
    let exception = store.make(ObjectType::Exception(0), 0).unwrap();
    let mut heap = store.view();
    let (object, array) = (heap.object(structure).unwrap(), heap.array(bytes).unwrap());
    // Three words of fields: what begins behind them, and what a word of an instruction may say.
    for packed in [Packed::I8, Packed::I16, Packed::W32, Packed::W64, Packed::V128] {
        let (first, behind) = (Field { offset: 0, packed }, Field { offset: 24, packed });
        assert_eq!(Field::from_word(behind.to_word()), Some(behind));
        assert_eq!(heap.set_field(&object, first, [1, 2]), Some(()));
        assert!(heap.field(&object, first, false).is_some());
        assert_eq!(heap.field(&object, behind, true), None);
        assert_eq!(heap.set_field(&object, behind, [1, 2]), None);
        assert_eq!(heap.struct_get(structure, behind, false), Err(Trap::CorruptCode));
        assert_eq!(heap.struct_set(structure, behind, [0; 2]), Err(Trap::CorruptCode));
    }
    for log2 in 5..8 {
        assert_eq!((Packed::from_log2(log2), Field::from_word(log2)), (None, None));
    }
    assert_eq!(heap.fill(&array, Packed::I8, (0, 9), [7, 0]), Some(()));
    for (index, count) in [(0, 10), (9, 1), (10, 0), (u32::MAX, u32::MAX)] {
        assert_eq!(heap.fill(&array, Packed::I8, (index, count), [8, 0]), None, "{index} {count}");
        assert_eq!(heap.copy(Packed::I8, (&array, index), (&array, 0), count), None, "{index} {count}");
    }
    assert_eq!(heap.array_get(bytes, Packed::I8, 8, false), Ok([7, 0]));
    assert_eq!(heap.array_get(bytes, Packed::I8, 9, false), Err(Trap::ArrayOutOfBounds));
    assert_eq!(heap.array_set(bytes, Packed::I8, 9, [0; 2]), Err(Trap::ArrayOutOfBounds));
    // An array has no fields, a structure no elements, and an exception is of no type.
    assert_eq!((field(heap.types, BYTES, 0), element(heap.types, STRUCT)), (None, None));
    assert_eq!((struct_words(heap.types, STRUCT), struct_words(heap.types, BYTES)), (Some(3), None));
    let of = |reference| Heap::type_in(heap.words, heap.handles, reference);
    assert_eq!([structure, bytes, exception, 0].map(of), [Some(STRUCT), Some(BYTES), None, None]);
}

// @need-ids: REQ_GC_001, REQ_TYPES_002
#[test]
fn a_reference_is_of_a_type_only_if_it_refers_to_such_a_thing() {
    let mut store = Store::new(HeapState::new(100, 20), 0, 0);
    let structure = store.make(ObjectType::Of(STRUCT), 0).unwrap();
    let exception = store.make(ObjectType::Exception(0), 0).unwrap();
    let heap = store.view();
    let concrete = |ty| ValType::reference(false, HeapType::Concrete(ty));
    let of = |reference, wanted| matches(&heap, reference, wanted, |_| None);
    let any = ValType::reference(false, HeapType::Abstract(AbstractHeapType::Struct));
    assert!(of(structure, concrete(STRUCT)) && of(structure, any) && !of(structure, concrete(REFS)));
    // Registers have no types: what a cast is made of may be an exception, or nothing that there is.
    for reference in [exception, Referent::Object(15).reference(), Referent::HostValue(3).reference()] {
        assert!(!of(reference, concrete(STRUCT)) && !of(reference, any), "{reference}");
    }
    // A function whose type is not known, and a number that is no type.
    assert!(!of(1, concrete(CARRIED)) && !of(structure, ValType::I32));
}

// @need-ids: REQ_001
#[test]
fn an_engine_names_what_a_store_lacks() {
    let mut store = Store::new(HeapState::new(100, 20), 0, 0);
    assert!(store.bytecode(0).is_none() && store.instance_with_bytecode(0).is_none());
    assert!(store.heap_and_data(0, 0).is_none() && store.heap_and_elements(0, 0).is_none());
    assert!(store.call(0).is_none() && !store.is_complete());
    assert_eq!(format!("{:?}", store.ref_maps(0, Code::Register)), format!("{:?}", RefMaps::default()));
    let state = CallState { pc: 0, ..CallState::IDLE };
    let mut engines: [(&mut dyn Execute, Missing); 2] = [
        (&mut StacklessEngine::new(VerificationLevel::Full), Missing::Instance),
        (&mut Engine::new(VerificationLevel::Full), Missing::Bytecode),
    ];
    for (engine, lacks) in &mut engines {
        let (mut slots, mut frames, mut state) = ([0; 300], [Frame::default(); 2], state);
        let mut stack = Stack::new(&mut slots, &mut frames, 2, &mut state);
        assert_eq!(engine.resume(&mut store, &mut stack), Outcome::Fault(Fault::Missing(*lacks)));
        let missing = Outcome::Fault(Fault::Missing(Missing::Function));
        assert_eq!(engine.execute(&mut store, &mut stack, 0, 0, 0, &[]), missing);
    }
}

/// A store of nothing at all, or of a function alone that it says is an instance's.
struct Nothing(Option<FuncInst>);

impl Storage for Nothing {
    fn types(&self) -> Types<'_> {
        Types::default()
    }
    fn instance(&mut self, _: u32) -> Option<InstanceView<'_>> {
        None
    }
    fn func(&self, _: u32) -> Option<FuncInst> {
        self.0
    }
    fn func_addr(&self, _: u32, _: u32) -> Option<u32> {
        None
    }
    fn entry(&self, _: u32, _: u32) -> Option<Entry> {
        None
    }
    fn type_id(&self, _: u32, _: u32) -> Option<u32> {
        None
    }
    fn tag_addr(&self, _: u32, _: u32) -> Option<u32> {
        None
    }
    fn handlers(&self, _: u32) -> Option<Handlers<'_>> {
        None
    }
    fn memory(&mut self, _: u32, _: u32) -> Option<Memory<'_>> {
        None
    }
    fn two_memories(&mut self, _: u32, _: u32, _: u32) -> Option<(Memory<'_>, Memory<'_>)> {
        None
    }
    fn memory_and_data(&mut self, _: u32, _: u32, _: u32) -> Option<(Memory<'_>, &[u8])> {
        None
    }
    fn drop_data(&mut self, _: u32, _: u32) {}
    fn table(&mut self, _: u32, _: u32) -> Option<Table<'_>> {
        None
    }
    fn two_tables(&mut self, _: u32, _: u32, _: u32) -> Option<(Table<'_>, Table<'_>)> {
        None
    }
    fn table_and_elements(&mut self, _: u32, _: u32, _: u32) -> Option<(Table<'_>, &[Ref])> {
        None
    }
    fn drop_elements(&mut self, _: u32, _: u32) {}
}

// @need-ids: REQ_GC_001
#[test]
fn without_a_heap_no_object_is_made() {
    assert!(Nothing(None).heap().is_none() && Nothing(None).roots(&mut RootsAt::default()).is_none());
    assert!(collect(&mut Nothing(None), None).is_none());
    let (mut slots, mut frames, mut state, mut fuel) = ([0; 300], [], CallState::IDLE, u64::MAX);
    let stack = Stack::new(&mut slots, &mut frames, 1, &mut state);
    let here = (&stack, Code::Register);
    let lacks = Not::Wait(Outcome::Fault(Fault::Missing(Missing::Heap)));
    assert_eq!(array_new(&mut Nothing(None), here, (0, 1), [0; 2], &mut fuel), Err(lacks));
}

// @need-ids: REQ_REENTRY_001
#[test]
fn a_function_that_its_instance_has_not_is_not_called() {
    let (mut slots, mut frames, mut state) = ([0; 300], [Frame::default(); 8], CallState::IDLE);
    let waiting = Waiting { host: 0, callee: 0, state: 0 };
    for func in [None, Some(FuncInst { ty: 0, instance: 3, index: 7 })] {
        let mut store = Nothing(func);
        let mut stack = Stack::new(&mut slots, &mut frames, 8, &mut state);
        let mut engine = StacklessEngine::new(VerificationLevel::Full);
        assert_eq!(engine.begin(&mut store, &mut stack, 0, 0, &[]), Err(Trap::CorruptCode));
        stack.unwind();
        let before = *stack.state;
        assert_eq!(engine.reenter(&mut store, &mut stack, (0, 0), waiting, &[]), Err(Trap::CorruptCode));
        assert_eq!(*stack.state, before);
    }
    // The other engine asks for bytecode when it runs.
    let mut stack = Stack::new(&mut slots, &mut frames, 8, &mut state);
    let mut engine = Engine::new(VerificationLevel::Full);
    let before = *stack.state;
    assert_eq!(engine.reenter(&mut Nothing(None), &mut stack, (0, 0), waiting, &[]), Err(Trap::CorruptCode));
    assert_eq!(*stack.state, before);
}

/// A generator of numbers, the same each time.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Objects made in an arena of a mebibyte, of which 10 lists of up to 600 live at a time.
fn churn(count: u64) -> Store {
    let state = HeapState::new(1 << 17, 1 << 17);
    let mut store = Store::new(state, 1 << 17, 1 << 17);
    store.held = vec![0; 10];
    let (mut seed, mut lengths) = (0x9E37_79B9_7F4A_7C15, [0; 10]);
    for _ in 0..count {
        let at = (random(&mut seed) % 10) as usize;
        let length = (random(&mut seed) % 20) as u32;
        match random(&mut seed) % 3 {
            0 => {
                store.make(ObjectType::Of(BYTES), length * 7).unwrap();
            }
            1 => {
                store.make(ObjectType::Of(REFS), length).unwrap();
            }
            _ => {
                let object = store.make(ObjectType::Of(STRUCT), 0).unwrap();
                lengths[at] += 1;
                let next = if lengths[at] > 600 { 0 } else { store.held[at] };
                lengths[at] = if next == 0 { 1 } else { lengths[at] };
                let mut heap = store.view();
                let field = field(heap.types, STRUCT, STRUCT_REFS[0]).unwrap();
                heap.struct_set(object, field, [next.into(), 0]).unwrap();
                store.held[at] = object;
            }
        }
    }
    store
}

// @need-ids: REQ_GC_002, REQ_GC_003
#[test]
fn an_arena_of_a_mebibyte_is_enough_for_ever() {
    let store = churn(3_000_000);
    assert!(store.state.collections > 50, "{:?}", store.state);
    assert!(store.words.len() == 1 << 17 && store.handles.len() == 1 << 17);
}

/// For hand: how long a collection takes for a unit of fuel.
/// `cargo test --release -p wrt-runtime --test all -- --ignored --nocapture`
// @need-ids: REQ_GC_004
#[test]
#[ignore = "a measurement"]
fn what_a_unit_of_a_collection_takes() {
    let begun = std::time::Instant::now();
    let store = churn(30_000_000);
    println!("{:?} for 30 million objects, {:?}", begun.elapsed(), store.state);
    // A list, with an object that nothing reaches behind each of its own; and nothing but places to look at.
    for length in [1_000_000_u32, 0] {
        let mut store = Store::new(HeapState::new(1 << 25, 1 << 24), 1 << 25, 1 << 24);
        store.held = vec![0; 1_000_000];
        for _ in 0..length {
            let object = store.make(ObjectType::Of(STRUCT), 0).unwrap();
            let last = u64::from(store.held[0]);
            let mut heap = store.view();
            let field = field(heap.types, STRUCT, STRUCT_REFS[0]).unwrap();
            heap.struct_set(object, field, [last, 0]).unwrap();
            store.held[0] = object;
            store.make(ObjectType::Of(BYTES), 8).unwrap();
        }
        for what in ["with garbage", "without"] {
            let price = collection_price(&mut store, None);
            let begun = std::time::Instant::now();
            collect(&mut store, None).unwrap();
            let took = begun.elapsed();
            let each = took.as_nanos() as u64 / price.max(1);
            println!("{length} objects {what}: {price} units, {took:?}, {each} ns for a unit");
        }
    }
}
