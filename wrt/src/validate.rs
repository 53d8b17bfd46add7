//! Validation of function bodies, operator by operator, on as many threads as an engine may take.

use alloc::vec::Vec;
use wasmparser::{
    BinaryReader, FrameStack, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, Result,
    ValidatorResources, VisitOperator,
};

/// Bytes of a code section from which on its bodies are shared among threads: less is validated before a second thread has begun.
pub(crate) const SHARED_FROM: u32 = 1 << 18;

/// A body with what it is validated against.
type Body<'w> = (FuncToValidate<ValidatorResources>, FunctionBody<'w>);

/// The bodies of a module, validated one after the other, or put off until all are there and threads can share them.
// @need-ids: REQ_WASM_001, REQ_PERF_003
#[derive(Default)]
pub(crate) struct Bodies<'w> {
    threads: usize,
    waiting: Vec<Body<'w>>,
    allocations: FuncValidatorAllocations,
}

impl<'w> Bodies<'w> {
    /// For a code section of so many bytes, on at most so many threads.
    pub(crate) fn new(threads: usize, bytes: u32) -> Self {
        Self { threads: if bytes < SHARED_FROM { 1 } else { threads }, ..Self::default() }
    }

    /// The next body.
    ///
    /// # Errors
    /// It is invalid, if it was looked at now.
    pub(crate) fn add(&mut self, func: FuncToValidate<ValidatorResources>, body: FunctionBody<'w>) -> Result<()> {
        if self.threads > 1 {
            self.waiting.push((func, body));
            return Ok(());
        }
        one((func, body), &mut self.allocations)
    }

    /// Validates what was put off.
    ///
    /// # Errors
    /// Of the first body that is invalid, whichever thread came upon one first.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let waiting = core::mem::take(&mut self.waiting);
        #[cfg(feature = "std")]
        return if waiting.is_empty() { Ok(()) } else { threads::validate(waiting, self.threads) };
        #[cfg(not(feature = "std"))]
        waiting.into_iter().try_for_each(|body| one(body, &mut self.allocations))
    }
}

fn one((func, body): Body<'_>, allocations: &mut FuncValidatorAllocations) -> Result<()> {
    let mut func = func.into_validator(core::mem::take(allocations));
    validate(&mut func, &body)?;
    *allocations = func.into_allocations();
    Ok(())
}

#[cfg(feature = "std")]
mod threads {
    use super::{Body, FuncValidatorAllocations, Result, one};
    use alloc::vec::Vec;
    use std::sync::{Mutex, PoisonError};
    use std::thread::{Builder, scope};

    /// How many bodies a thread takes at a time: the lock is not waited for, and the last ones end at about the same time.
    const TAKEN: usize = 64;

    /// What threads share.
    struct Shared<I> {
        bodies: I,
        /// The first invalid body, by its place.
        refused: Option<(usize, wasmparser::Error)>,
    }

    pub(super) fn validate(waiting: Vec<Body<'_>>, threads: usize) -> Result<()> {
        let shared = Mutex::new(Shared { bodies: waiting.into_iter().enumerate(), refused: None });
        scope(|scope| {
            for _ in 1..threads {
                // A system that gives no more threads leaves the work to those that are there.
                let _ = Builder::new().name("validation".into()).spawn_scoped(scope, || work(&shared));
            }
            work(&shared);
        });
        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        shared.refused.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Validates bodies until there are none, or one was refused: all that stand before that one have been taken by then.
    fn work<'w>(shared: &Mutex<Shared<impl Iterator<Item = (usize, Body<'w>)>>>) {
        let mut allocations = FuncValidatorAllocations::default();
        loop {
            let taken: Vec<_> = {
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                if shared.refused.is_some() {
                    return;
                }
                shared.bodies.by_ref().take(TAKEN).collect()
            };
            if taken.is_empty() {
                return;
            }
            for (at, body) in taken {
                if let Err(error) = one(body, &mut allocations) {
                    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    if shared.refused.as_ref().is_none_or(|(first, _)| at < *first) {
                        shared.refused = Some((at, error));
                    }
                    return;
                }
            }
        }
    }
}

/// Validates a function's body.
// @need-ids: REQ_WASM_001
fn validate(func: &mut FuncValidator<ValidatorResources>, body: &FunctionBody<'_>) -> Result<()> {
    let mut reader = body.get_binary_reader();
    func.read_locals(&mut reader)?;
    reader.set_features(*func.features());
    let (bytes, start) = (body.as_bytes(), body.range().start);
    while !reader.eof() {
        let offset = reader.original_position();
        // Looked at in the bytes: a copy of the reader to look ahead with would cost more than is won.
        let opcode = usize::try_from(offset - start).ok().and_then(|at| bytes.get(at)).copied();
        let mut inner = func.visitor(offset);
        if !frequent(opcode, &mut inner, &mut reader)? {
            reader.visit_operator(&mut inner)??;
        }
    }
    reader.finish_expression(&func.visitor(reader.original_position()))
}

/// Validates the next operator if it is one of the most frequent; false where it is another, and nothing has been read.
///
/// The reader's own `visit_operator` is one function for all 600 operators, and entering it costs more than what these few do:
/// a sixth of the time to load a module of 12 MB.
#[inline]
fn frequent<'a>(
    opcode: Option<u8>,
    visitor: &mut (impl VisitOperator<'a, Output = Result<()>> + FrameStack),
    reader: &mut BinaryReader<'a>,
) -> Result<bool> {
    // After the function's own end there must be nothing; the reader has the error for it.
    if visitor.current_frame().is_none() {
        return Ok(false);
    }
    macro_rules! operators {
        ($($opcode:literal => $visit:ident $($read:ident)?,)*) => {
            match opcode {
                $(Some($opcode) => {
                    reader.read_u8()?;
                    visitor.$visit($(reader.$read()?)?)?;
                    Ok(true)
                })*
                _ => Ok(false),
            }
        };
    }
    operators! {
        0x0b => visit_end,
        0x0c => visit_br read_var_u32,
        0x0d => visit_br_if read_var_u32,
        0x10 => visit_call read_var_u32,
        0x20 => visit_local_get read_var_u32,
        0x21 => visit_local_set read_var_u32,
        0x22 => visit_local_tee read_var_u32,
        0x23 => visit_global_get read_var_u32,
        0x24 => visit_global_set read_var_u32,
        0x41 => visit_i32_const read_var_i32,
        0x42 => visit_i64_const read_var_i64,
        0x45 => visit_i32_eqz,
        0x6a => visit_i32_add,
        0x6b => visit_i32_sub,
        0x71 => visit_i32_and,
        0x7c => visit_i64_add,
        0xa7 => visit_i32_wrap_i64,
        0xad => visit_i64_extend_i32_u,
    }
}
