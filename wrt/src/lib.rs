//! The embedding interface: modules, stores, linkers, instances and typed functions.
