//! Writes the seeds into `seeds/`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    wrt_fuzz::seeds::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds"))
}
