//! What type the referent of a reference has (core 4.6.10, `ref.test`, `ref.cast` and their branches).

use super::reference::Referent;
use super::{Heap, ObjectType};
use crate::image::format::{AbstractHeapType, HeapType, ValType};
use crate::table::{NULL, Ref};

/// Whether `reference` is a value of type `wanted`, in the store's numbers. `func_type` gives the number of the type of the function at
/// an address.
///
/// What a reference is coded as depends on its hierarchy, which validation has seen to that both have in common.
// @need-ids: REQ_GC_001, REQ_TYPES_002
pub fn matches(heap: &Heap<'_>, reference: Ref, wanted: ValType, func_type: impl FnOnce(u32) -> Option<u32>) -> bool {
    use AbstractHeapType::{Any, Array, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, None, Struct};
    if reference == NULL {
        return wanted.is_nullable();
    }
    let types = heap.types;
    let of_type = |ty: u32| types.matches(ValType::reference(false, HeapType::Concrete(ty)), wanted);
    match wanted.heap() {
        Some(HeapType::Abstract(Extern | Exn | Func | Any)) => true,
        Some(HeapType::Abstract(NoExtern | NoExn | NoFunc | None)) | Option::None => false,
        Some(HeapType::Concrete(ty)) if types.func(ty).is_some() => {
            func_type(reference.wrapping_sub(1)).is_some_and(of_type)
        }
        Some(HeapType::Concrete(_) | HeapType::Abstract(Eq | Struct | Array | I31)) => match Referent::of(reference) {
            Referent::I31(_) => matches!(wanted.heap(), Some(HeapType::Abstract(I31 | Eq))),
            Referent::Object(_) => match heap.object(reference).map(|object| object.ty) {
                Some(ObjectType::Of(ty)) => of_type(ty),
                _ => false,
            },
            Referent::HostValue(_) | Referent::Null => false,
        },
    }
}
