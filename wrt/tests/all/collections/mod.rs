//! Collections under running code: nothing that is reached is lost, on whatever engine, in whatever slices, however long it goes on.

mod long;
mod places;
mod turns;
