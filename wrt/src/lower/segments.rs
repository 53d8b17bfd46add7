//! Fuel segments: where heads are, and what each charges.
//!
//! Everything here depends on the bytecode alone (`docs/fuel-schedule`): an engine that runs the bytecode in place has to
//! find the same heads with the same charges.

use super::Failure;
use super::control::Kind;
use super::stack::Lowering;
use wrt_instructions::Op;
use wrt_instructions::op::Plain;
use wrt_instructions::price;
use wrt_runtime::Instr;
use wrt_runtime::instr::WIDE_LIMIT;

impl Lowering<'_> {
    /// Emits the function's head: zeroes the declared locals and charges the segment.
    // @need-ids: REQ_FUEL_SCHEDULE_001
    pub(super) fn begin(&mut self, offset: u32) {
        self.offset = offset;
        if self.wide && self.params > WIDE_LIMIT {
            // Before the head: a pause there must not do it again.
            self.emit(Instr::new(Op::plain(Plain::WideParams), 0, 0, self.params));
        }
        self.mark();
        self.references.note_entry(self.at + self.code.len() as u32);
        let (first, count) = (self.params, self.locals - self.params);
        let price = price::entry(self.locals);
        if self.wide || count > 255 {
            let start = self.place(first);
            let end = self.place(self.locals);
            self.segment = self.code.len();
            self.emit(Instr::new(Op::plain(Plain::EnterWide), 0, 0, price));
            self.emit(Instr::data(start as u8, (start >> 8) as u8, end.saturating_sub(start)));
        } else {
            let row = match count {
                0 => Plain::Fuel,
                1..=4 if first + 4 <= 256 => Plain::Enter4,
                5..=8 if first + 8 <= 256 => Plain::Enter8,
                _ => Plain::Enter,
            };
            let (a, b) = if row == Plain::Fuel { (0, 0) } else { (first as u8, count as u8) };
            self.segment = self.code.len();
            self.emit(Instr::new(Op::plain(row), a, b, price));
        }
        self.fence();
    }

    /// Opens a segment behind the operator at hand; returns its index. A pause there stands at the next operator.
    pub(super) fn head(&mut self) -> usize {
        self.head_to_place = Some(self.positions.len());
        self.cut()
    }

    /// Opens a segment with the operator at hand.
    fn cut(&mut self) -> usize {
        self.mark();
        self.note_references();
        self.segment = self.code.len();
        self.emit(Instr::new(Op::plain(Plain::Fuel), 0, 0, 0));
        self.fence();
        self.segment
    }

    /// Charges `price` units for the operator at hand, in a new segment where this one would exceed its maximum.
    // @need-ids: REQ_FUEL_SCHEDULE_001, REQ_007
    pub(super) fn charge(&mut self, price: u32) -> Result<(), Failure> {
        if price == 0 {
            return Ok(());
        }
        let sum = self.code.get(self.segment).map_or(0, |head| head.imm);
        if sum > 0 && sum.saturating_add(price) > price::SEGMENT_MAX {
            self.materialise_all();
            self.cut();
            // Branches out of these blocks may pass the cut: their ends must know. Around one that knows of another cut
            // all do; so each is told once, however deep they are nested.
            for control in
                self.control.iter_mut().rev().take_while(|control| control.kind == Kind::Block && !control.cut)
            {
                control.cut = true;
            }
        }
        let head = self.code.get_mut(self.segment).ok_or(Failure::Wide)?;
        head.imm = head.imm.saturating_add(price);
        Ok(())
    }
}
