//! wasm3, through the C functions it exports. Absent when its source was (see `build.rs`).

use super::Engine;

#[cfg(not(wasm3))]
pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    eprintln!("wasm3 is absent: get-wasm3.sh fetches its source");
    Vec::new()
}

#[cfg(wasm3)]
pub(crate) fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(linked::Wasm3)]
}

#[cfg(wasm3)]
#[allow(unsafe_code)]
mod linked {
    use std::ffi::{CStr, CString, c_char, c_void};
    use std::ptr;
    use std::sync::Arc;

    use crate::engines::{Engine, Loaded};

    /// All of wasm3's handles are pointers to what only it looks into; its results are null or a static text.
    type Handle = *mut c_void;
    type Failure = *const c_char;

    // SAFETY: as `wasm3.h` of version 0.5 declares them.
    unsafe extern "C" {
        fn m3_NewEnvironment() -> Handle;
        fn m3_FreeEnvironment(environment: Handle);
        fn m3_NewRuntime(environment: Handle, stack_bytes: u32, user: *mut c_void) -> Handle;
        fn m3_FreeRuntime(runtime: Handle);
        fn m3_ParseModule(environment: Handle, module: *mut Handle, wasm: *const u8, length: u32) -> Failure;
        fn m3_LoadModule(runtime: Handle, module: Handle) -> Failure;
        fn m3_FindFunction(function: *mut Handle, runtime: Handle, name: *const c_char) -> Failure;
        fn m3_Call(function: Handle, count: u32, arguments: *const *const c_void) -> Failure;
        fn m3_GetResults(function: Handle, count: u32, results: *const *mut c_void) -> Failure;
    }

    fn check(failure: Failure) -> Result<(), String> {
        if failure.is_null() {
            return Ok(());
        }
        // SAFETY: what is not null is a text that lives as long as the program.
        Err(unsafe { CStr::from_ptr(failure) }.to_string_lossy().into_owned())
    }

    pub(super) struct Wasm3;

    struct Export {
        environment: Handle,
        runtime: Handle,
        function: Handle,
        /// The module's bytes: wasm3 compiles functions from them when they are first called.
        wasm: Arc<[u8]>,
    }

    impl Engine for Wasm3 {
        fn name(&self) -> &'static str {
            "wasm3"
        }

        fn load(&self, wasm: &Arc<[u8]>, export: &str) -> Result<Box<dyn Loaded>, String> {
            let wasm = Arc::clone(wasm);
            let length = u32::try_from(wasm.len()).map_err(|error| error.to_string())?;
            let name = CString::new(export).map_err(|error| error.to_string())?;
            // SAFETY: handles go only to the functions that take their kind. `Export` owns environment and runtime from
            // here on, so they are freed however this ends; a module is the runtime's once it is loaded (one that
            // is not is leaked, which ends the kernel for this engine anyway). The bytes live as long as `Export`.
            unsafe {
                let environment = m3_NewEnvironment();
                let runtime = m3_NewRuntime(environment, 1 << 20, ptr::null_mut());
                let mut loaded = Export { environment, runtime, function: ptr::null_mut(), wasm };
                let mut module = ptr::null_mut();
                check(m3_ParseModule(environment, &raw mut module, loaded.wasm.as_ptr(), length))?;
                check(m3_LoadModule(runtime, module))?;
                check(m3_FindFunction(&raw mut loaded.function, runtime, name.as_ptr()))?;
                Ok(Box::new(loaded))
            }
        }
    }

    impl Loaded for Export {
        fn call(&mut self, arguments: &[i32]) -> Result<u64, String> {
            let count = u32::try_from(arguments.len()).map_err(|error| error.to_string())?;
            let slots: Vec<_> = arguments.iter().map(|argument| u64::from(argument.cast_unsigned())).collect();
            let pointers: Vec<*const c_void> = slots.iter().map(|slot| ptr::from_ref(slot).cast()).collect();
            let mut result = 0u64;
            let results = [ptr::from_mut(&mut result).cast::<c_void>()];
            // SAFETY: the function is this runtime's. wasm3 checks the numbers of arguments and results, and each has
            // eight bytes, as many as the widest type. An i32 is the first four of them: the lower on a little-endian
            // machine.
            unsafe {
                check(m3_Call(self.function, count, pointers.as_ptr()))?;
                check(m3_GetResults(self.function, 1, results.as_ptr()))?;
            }
            Ok(result)
        }
    }

    impl Drop for Export {
        fn drop(&mut self) {
            // SAFETY: both are ours, not freed before, and not used after.
            unsafe {
                m3_FreeRuntime(self.runtime);
                m3_FreeEnvironment(self.environment);
            }
        }
    }
}
