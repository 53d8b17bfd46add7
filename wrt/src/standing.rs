//! Calls that stand still while others run: a collection finds what they reach here.
//!
//! A call that paused is the host's value, which holds its stack. Where objects exist, the store shares it, and learns from the
//! count of those who hold it whether it was dropped.

use crate::error::Error;
use crate::store::{Core, StackMemory};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;
use wrt_runtime::heap::roots::CallView;

/// The stack of a call that stands still.
#[derive(Debug)]
pub(crate) struct StillStack {
    stack: Arc<StackMemory>,
    /// Its number among the store's calls, if it is one of them.
    number: Option<u64>,
}

impl Deref for StillStack {
    type Target = StackMemory;

    fn deref(&self) -> &StackMemory {
        &self.stack
    }
}

/// A call of a store that stands still.
#[derive(Debug)]
struct Call {
    number: u64,
    stack: Arc<StackMemory>,
    /// As the other engine of two in lock-step has it, where the stack itself has no twin.
    twin: Option<Box<StackMemory>>,
}

/// The calls of a store that stand still, as far as they can have references to objects.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// Sorted by number.
    list: Vec<Call>,
    next: u64,
    /// With so many, those that were dropped are looked for.
    many: usize,
}

impl Calls {
    fn add(&mut self, stack: &Arc<StackMemory>) -> u64 {
        if self.list.len() >= self.many {
            self.list.retain(|call| Arc::strong_count(&call.stack) > 1);
            self.many = self.list.len().saturating_mul(2).max(16);
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.list.push(Call { number, stack: Arc::clone(stack), twin: None });
        number
    }

    fn remove(&mut self, number: u64) {
        if let Ok(at) = self.list.binary_search_by_key(&number, |call| call.number) {
            self.list.remove(at);
        }
    }

    /// What a collection looks at of a call.
    pub(crate) fn view(&self, index: u32, twin: bool) -> Option<CallView<'_>> {
        let call = self.list.get(index as usize)?;
        let own = call.stack.twin.as_deref().or(call.twin.as_deref());
        let stack = if twin { own } else { Some(&*call.stack) };
        let dropped = Arc::strong_count(&call.stack) == 1;
        Some(stack.filter(|_| !dropped).map_or_else(StackMemory::empty_view, StackMemory::call_view))
    }

    /// Makes twins of those that have none.
    pub(crate) fn provide_twins(
        &mut self,
        mut make: impl FnMut(&StackMemory) -> Result<Box<StackMemory>, Error>,
    ) -> Result<(), Error> {
        for call in &mut self.list {
            if call.stack.twin.is_none() && call.twin.is_none() {
                call.twin = Some(make(&call.stack)?);
            }
        }
        Ok(())
    }
}

impl Core {
    /// A call stands still from now on.
    // @need-ids: REQ_GC_003
    pub(crate) fn still(&mut self, stack: Box<StackMemory>) -> StillStack {
        // It may never go on, and what it took so far counts all the same.
        self.note_peaks(&stack);
        let mut still = StillStack { stack: Arc::from(stack), number: None };
        self.share(&mut still);
        still
    }

    /// Shares the stack of a call that stands still.
    pub(crate) fn share(&mut self, still: &mut StillStack) {
        // Without objects there are no references to any.
        if still.number.is_none() && self.storage.heap.state.handles > 0 {
            still.number = Some(self.storage.calls.add(&still.stack));
        }
    }

    /// The stack of a call that stands still, to change: it is not shared then.
    pub(crate) fn alone<'s>(&mut self, still: &'s mut StillStack) -> Option<&'s mut StackMemory> {
        if let Some(number) = still.number.take() {
            self.storage.calls.remove(number);
        }
        Arc::get_mut(&mut still.stack)
    }

    /// A call goes on that stood still.
    pub(crate) fn stir(&mut self, mut still: StillStack) -> Result<Box<StackMemory>, Error> {
        self.alone(&mut still);
        let stack = Arc::try_unwrap(still.stack).map_err(|_| Error::internal("a paused call that is shared"))?;
        Ok(Box::new(stack))
    }
}
