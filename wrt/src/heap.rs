//! The heap of a store, in vectors that grow under its limits.

use crate::error::LimitError;
use alloc::vec::Vec;
use wrt_runtime::heap::{Handle, Heap, HeapState, Wanted};
use wrt_runtime::table::Ref;
use wrt_runtime::typing::Types;
use wrt_safety::Limits;

/// Arena, handles and state. Storage beyond what the state says is in use means nothing.
#[derive(Clone, Debug)]
pub(crate) struct StoredHeap {
    words: Vec<u64>,
    handles: Vec<Handle>,
    pub(crate) state: HeapState,
    /// Whether the host may have made or changed an object since the twin of a store in lock-step was last told.
    pub(crate) touched: bool,
}

impl StoredHeap {
    pub(crate) fn new(limits: &Limits) -> Self {
        let state = HeapState::within(limits, usize::MAX, usize::MAX);
        Self { words: Vec::new(), handles: Vec::new(), state, touched: false }
    }

    /// The view that engines take.
    pub(crate) fn view<'a>(&'a mut self, types: Types<'a>, tags: &'a [u32]) -> Heap<'a> {
        Heap { state: Some(&mut self.state), words: &mut self.words, handles: &mut self.handles, types, tags }
    }

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> u64 {
        u64::from(self.state.used).saturating_mul(8)
    }

    /// The words and handles in use.
    pub(crate) fn contents(&self) -> (&[u64], &[Handle]) {
        let words = self.words.get(..self.state.used as usize).unwrap_or_default();
        (words, self.handles.get(..self.state.handles as usize).unwrap_or_default())
    }

    /// The type of the structure or array that a reference refers to.
    pub(crate) fn object_type(&self, reference: Ref) -> Option<u32> {
        Heap::type_in(&self.words, &self.handles, reference)
    }

    /// Makes the storage as large as this, or larger: half of what there is more, so that it is seldom copied.
    // @need-ids: REQ_GC_002, REQ_LIMITS_001
    pub(crate) fn enlarge(&mut self, wanted: Wanted) -> Option<()> {
        fn grow<T: Clone>(list: &mut Vec<T>, wanted: u32, most: u32, empty: T) -> Option<()> {
            let wanted = wanted as usize;
            if wanted <= list.len() {
                return Some(());
            }
            let ample = (wanted.saturating_add(wanted / 2)).min((most as usize).max(wanted)).max(64.min(most as usize));
            let more = |length: usize| length.saturating_sub(list.len());
            let (ample, exact) = (more(ample), more(wanted));
            let length = if list.try_reserve_exact(ample).is_ok() {
                list.len().saturating_add(ample)
            } else {
                list.try_reserve_exact(exact).ok()?;
                wanted
            };
            list.resize(length, empty);
            Some(())
        }
        grow(&mut self.words, wanted.words, self.state.max_words, 0)?;
        grow(&mut self.handles, wanted.handles, self.state.max_handles, Handle::NONE)
    }

    /// As [`enlarge`](Self::enlarge), for whoever runs code.
    pub(crate) fn provide(&mut self, wanted: Wanted) -> Result<(), LimitError> {
        let bytes = u64::from(wanted.words).saturating_mul(8);
        self.enlarge(wanted).ok_or_else(|| LimitError::out_of_memory("the heap", bytes))
    }

    /// Makes a twin like this one again.
    pub(crate) fn take_over(&mut self, other: &Self) -> Option<()> {
        let (words, handles) = other.contents();
        self.words.clear();
        self.words.try_reserve(words.len()).ok()?;
        self.words.extend_from_slice(words);
        self.handles.clear();
        self.handles.try_reserve(handles.len()).ok()?;
        self.handles.extend_from_slice(handles);
        self.state = other.state;
        Some(())
    }
}
