//! The handlers in code: lists of records that grow function by function.

use alloc::vec::Vec;
use wrt_runtime::image::format::{CatchRecord, HandlerRecord, NONE};
use wrt_runtime::storage::Handlers;
use zerocopy::byteorder::little_endian::U32;

/// Handlers of functions, one behind the other as their code is.
#[derive(Debug, Default)]
pub(crate) struct HandlerLists {
    pub(crate) records: Vec<HandlerRecord>,
    pub(crate) clauses: Vec<CatchRecord>,
}

impl HandlerLists {
    /// Bytes that they take.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = |count: usize, size: usize| (count as u64).saturating_mul(size as u64);
        bytes(self.records.len(), size_of::<HandlerRecord>())
            .saturating_add(bytes(self.clauses.len(), size_of::<CatchRecord>()))
    }

    /// A copy of what an image has.
    pub(crate) fn copied(handlers: Handlers<'_>) -> Self {
        Self { records: handlers.records.to_vec(), clauses: handlers.clauses.to_vec() }
    }

    /// The view that engines take.
    pub(crate) fn view(&self) -> Handlers<'_> {
        Handlers { records: &self.records, clauses: &self.clauses }
    }

    /// Adds those of the next function, which count its clauses from 0.
    // @need-ids: REQ_EXCEPTIONS_001
    pub(crate) fn append(&mut self, function: Self) {
        let before = u32::try_from(self.clauses.len()).unwrap_or(NONE);
        let moved = |index: U32| match index.get() {
            NONE => index,
            index => U32::new(index.saturating_add(before)),
        };
        let records = function.records.into_iter();
        self.records.extend(records.map(|record| HandlerRecord { first: moved(record.first), ..record }));
        let clauses = function.clauses.into_iter();
        self.clauses.extend(clauses.map(|clause| CatchRecord { next: moved(clause.next), ..clause }));
    }
}
