//! Why an image was not loaded.

// @need-ids: REQ_ERROR_003

use crate::image::ImageError;
use crate::instantiate::OutOfStorage;
use crate::typing::TypeError;
use core::error::Error;
use core::fmt;
use wrt_safety::LimitExceeded;

/// Why an image was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LoadError {
    /// The image breaks a rule.
    Image(ImageError),
    /// A limit of the store.
    Limit(LimitExceeded),
    /// The store is full.
    OutOfStorage(OutOfStorage),
}

impl From<ImageError> for LoadError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<LimitExceeded> for LoadError {
    fn from(error: LimitExceeded) -> Self {
        Self::Limit(error)
    }
}

impl From<TypeError> for LoadError {
    fn from(error: TypeError) -> Self {
        match error {
            TypeError::Rule(rule) => Self::Image(ImageError::File { offset: 0, rule }),
            TypeError::Limit(error) => Self::Limit(error),
            TypeError::Full => Self::OutOfStorage(OutOfStorage::Types),
        }
    }
}

impl From<OutOfStorage> for LoadError {
    fn from(error: OutOfStorage) -> Self {
        Self::OutOfStorage(error)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(error) => error.fmt(f),
            Self::Limit(error) => error.fmt(f),
            Self::OutOfStorage(error) => error.fmt(f),
        }
    }
}

impl Error for LoadError {}
