//! One wasmtime instance of a plugin.

use std::cell::RefCell;
use std::rc::Rc;

use portcullis_filter::LogLevel;
use wasmtime::{Instance, Store, StoreLimits, StoreLimitsBuilder, Val};

use super::failure::trap;
use super::module::Module;
use crate::error::{StartError, Trap};
use crate::model::{ROOT_CONTEXT, Worker};
use crate::vm::{Answer, Call, Vm};

/// What a store carries.
pub(crate) struct VmData {
    pub(super) worker: Rc<RefCell<Worker>>,
    limits: StoreLimits,
}

/// A plugin in its own VM.
pub(crate) struct WasmVm {
    store: Store<VmData>,
    instance: Instance,
    fuel: u64,
}

impl WasmVm {
    /// Instantiates the module, starts it and configures it, as Envoy does.
    pub(crate) fn start(module: &Module, configuration: &[u8], worker: &Rc<RefCell<Worker>>) -> Result<Self, StartError> {
        let mut vm = Self::instantiate(module, worker)?;
        for initialize in ["_initialize", "_start"] {
            vm.invoke(initialize, &[]).map_err(StartError::Trap)?;
        }
        vm.call(ROOT_CONTEXT, Call::ContextCreate).map_err(StartError::Trap)?;
        if !vm.accepts("proxy_on_vm_start", 0)? {
            return Err(StartError::VmStart);
        }
        worker.borrow_mut().configuration = Some(configuration.to_vec());
        let accepted = vm.accepts("proxy_on_configure", configuration.len());
        worker.borrow_mut().configuration = None;
        if accepted? { Ok(vm) } else { Err(StartError::Refused(reason(&worker.borrow()))) }
    }

    fn instantiate(module: &Module, worker: &Rc<RefCell<Worker>>) -> Result<Self, StartError> {
        let (memory, fuel) = {
            let options = &worker.borrow().shared.options;
            (options.memory_limit, options.fuel_per_callback)
        };
        let limits = StoreLimitsBuilder::new().memory_size(memory).build();
        let engine = module.pre.module().engine();
        let mut store = Store::new(engine, VmData { worker: Rc::clone(worker), limits });
        store.limiter(|data| &mut data.limits);
        let fueled = store.set_fuel(fuel);
        let instance = fueled.and_then(|()| module.pre.instantiate(&mut store));
        let instance = instance.map_err(|cause| StartError::Instantiate(format!("{cause:#}")))?;
        Ok(Self { store, instance, fuel })
    }

    fn accepts(&mut self, export: &str, size: usize) -> Result<bool, StartError> {
        let worker = Rc::clone(&self.store.data().worker);
        worker.borrow_mut().enter(ROOT_CONTEXT);
        let answer = self.invoke(export, &[ROOT_CONTEXT, narrow(size)]);
        worker.borrow_mut().leave(0);
        Ok(answer.map_err(StartError::Trap)? != Some(0))
    }

    /// Calls an exported function; `None` when there is no such function, or it answers nothing.
    fn invoke(&mut self, export: &str, arguments: &[u32]) -> Result<Option<i32>, Trap> {
        let Some(function) = self.instance.get_func(&mut self.store, export) else { return Ok(None) };
        let arguments: Vec<Val> = arguments.iter().map(|argument| Val::I32(argument.cast_signed())).collect();
        let mut results = vec![Val::I32(0); function.ty(&self.store).results().len()];
        let outcome = self.store.set_fuel(self.fuel).and_then(|()| function.call(&mut self.store, &arguments, &mut results));
        match outcome {
            Ok(()) => Ok(results.first().and_then(Val::i32)),
            Err(error) => Err(trap(export, &error, self.store.data().worker.borrow_mut().last_stderr.take())),
        }
    }
}

impl Vm for WasmVm {
    fn call(&mut self, context: u32, call: Call) -> Result<Answer, Trap> {
        let answer = match call {
            Call::ContextCreate => {
                let parent = if context == ROOT_CONTEXT { 0 } else { ROOT_CONTEXT };
                self.invoke(call.export(), &[context, parent])
            }
            Call::HttpCallResponse { token, headers, body } => {
                self.invoke(call.export(), &[context, token, narrow(headers), narrow(body), 0])
            }
            Call::GrpcReceive { token, size } => self.invoke(call.export(), &[context, token, narrow(size)]),
            Call::GrpcClose { token, status } => self.invoke(call.export(), &[context, token, status]),
            Call::RequestHeaders { count: size, end }
            | Call::ResponseHeaders { count: size, end }
            | Call::RequestBody { size, end }
            | Call::ResponseBody { size, end } => self.invoke(call.export(), &[context, narrow(size), u32::from(end)]),
            Call::RequestTrailers { count } | Call::ResponseTrailers { count } => {
                self.invoke(call.export(), &[context, narrow(count)])
            }
            Call::Tick | Call::Done | Call::Log | Call::Delete => self.invoke(call.export(), &[context]),
        };
        Ok(if answer?.unwrap_or_default() == 0 { Answer::Continue } else { Answer::Pause })
    }

    fn fuel_used(&self) -> u64 {
        self.fuel.saturating_sub(self.store.get_fuel().unwrap_or(self.fuel))
    }

    fn memory_size(&mut self) -> usize {
        self.instance.get_memory(&mut self.store, "memory").map_or(0, |memory| memory.data_size(&self.store))
    }

    fn global(&mut self, name: &str) -> Option<i64> {
        self.instance.get_global(&mut self.store, name)?.get(&mut self.store).i64()
    }
}

/// What the plugin said last: why it refuses its configuration.
fn reason(worker: &Worker) -> String {
    let log = worker.shared.log.borrow();
    let mut said = log.iter().rev().filter(|line| line.place == worker.place && line.level >= LogLevel::Warn);
    said.next().map_or_else(|| "the plugin does not say why".to_owned(), |line| line.text.clone())
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
