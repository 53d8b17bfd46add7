//! Resources: the vocabulary (Component Model, "Handle types" and "canon resource.*").

use core::fmt;

/// How a resource is represented inside the component that defines it.
// @need-ids: REQ_020
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Representation {
    /// A 32-bit number, usually an address: the one that the canonical ABI defines today.
    Handle32,
    /// A 64-bit number.
    Handle64,
    /// A record of several fields, kept by the host.
    Record,
    /// A collection of other resources, which live and die with it.
    Aggregate,
}

/// A resource type: distinct from every other, even one of the same name and representation.
// @need-ids: REQ_020
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceType {
    /// Number of the component instance that defines it.
    pub defined_by: u32,
    /// Its number among the types that this instance defines.
    pub index: u32,
    /// How it is represented.
    pub representation: Representation,
    /// Whether dropping the last handle calls a destructor.
    pub has_destructor: bool,
}

/// What can be done with a handle (`canon resource.new`, `resource.drop`, `resource.rep`).
// @need-ids: REQ_020
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceOperation {
    /// Makes an owning handle for a representation.
    New,
    /// Drops a handle; the owning one calls the destructor.
    Drop,
    /// Gives the representation back, to the defining instance only.
    Rep,
}

impl ResourceOperation {
    /// All operations.
    pub const ALL: [Self; 3] = [Self::New, Self::Drop, Self::Rep];

    /// The name of the canonical built-in.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "resource.new",
            Self::Drop => "resource.drop",
            Self::Rep => "resource.rep",
        }
    }

    /// Whether an instance may do it: making and looking inside is for the one that defines the type alone.
    pub const fn is_allowed(self, ty: ResourceType, instance: u32) -> bool {
        matches!(self, Self::Drop) || ty.defined_by == instance
    }
}

impl fmt::Display for ResourceOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_020
    #[test]
    fn only_the_defining_instance_makes_and_looks_inside() {
        let ty =
            ResourceType { defined_by: 3, index: 0, representation: Representation::Handle32, has_destructor: true };
        for operation in ResourceOperation::ALL {
            assert!(operation.is_allowed(ty, 3), "{operation}");
            assert_eq!(operation.is_allowed(ty, 4), operation == ResourceOperation::Drop, "{operation}");
        }
    }
}
