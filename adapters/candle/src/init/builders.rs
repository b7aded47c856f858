//! The backend of a model's `VarBuilder`: first a list of what it asks for, then the variables.
//!
//! Candle's layers ask for their variables one by one, and a recipe must know all names before it can say what one is drawn
//! from: it counts layers, reads the fans of other tensors, and ties. So the model is built twice. The first building only
//! collects names, shapes and candle's own schemes; what it gets are zeros, and the model is thrown away. The second one gets
//! the variables. Nothing is written into a tensor that a model has already seen, so a model that transposes or copies its
//! weights while it loads is initialised like any other.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use candle_core::{DType, Device, Error, Result, Shape, Tensor, Var};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};

/// A variable that a model asks for.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) init: Init,
    pub(super) dtype: DType,
    pub(super) device: Device,
}

/// Builds a model of zeros, and returns what it asked for, in order.
pub(super) fn collect<M>(
    dtype: DType,
    device: &Device,
    build: impl FnOnce(VarBuilder<'static>) -> Result<M>,
) -> Result<Vec<Asked>> {
    let asked = Arc::new(Mutex::new(vec![]));
    let backend = Box::new(Collector(Arc::clone(&asked)));
    build(VarBuilder::from_backend(backend, dtype, device.clone()))?;
    let asked = std::mem::take(&mut *asked.lock().expect("no thread panicked with the list"));
    Ok(asked)
}

/// Builds a model of these variables.
pub(super) fn hand_out<M>(
    variables: HashMap<String, Var>,
    dtype: DType,
    device: &Device,
    build: impl FnOnce(VarBuilder<'static>) -> Result<M>,
) -> Result<M> {
    let backend = Box::new(Supplier { variables, asked: Mutex::default() });
    build(VarBuilder::from_backend(backend, dtype, device.clone()))
}

fn mismatch(name: &str, shape: &Shape, first: &Shape) -> Error {
    crate::error(format!("{name}: the model asks for {first:?} first, and for {shape:?} later"))
}

fn unknown_shape(name: &str) -> Error {
    crate::error(format!("{name}: the model asks for it without a shape, so it cannot be drawn"))
}

struct Collector(Arc<Mutex<Vec<Asked>>>);

impl SimpleBackend for Collector {
    fn get(&self, shape: Shape, name: &str, init: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let mut asked = self.0.lock().expect("no thread panicked with the list");
        match asked.iter().find(|asked| asked.name == name) {
            Some(first) if first.shape != shape => return Err(mismatch(name, &shape, &first.shape)),
            Some(_) => {}
            None => {
                let (name, shape, device) = (name.to_owned(), shape.clone(), device.clone());
                asked.push(Asked { name, shape, init, dtype, device });
            }
        }
        Tensor::zeros(shape, dtype, device)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let asked = self.0.lock().expect("no thread panicked with the list");
        let known = asked.iter().find(|asked| asked.name == name).ok_or_else(|| unknown_shape(name))?;
        Tensor::zeros(&known.shape, dtype, device)
    }

    /// As in candle's own map: true for what was asked for before.
    fn contains_tensor(&self, name: &str) -> bool {
        self.0.lock().expect("no thread panicked with the list").iter().any(|asked| asked.name == name)
    }
}

struct Supplier {
    variables: HashMap<String, Var>,
    /// The names that were asked for in this building, so that it sees what the first one saw.
    asked: Mutex<HashSet<String>>,
}

impl Supplier {
    fn asked(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.asked.lock().expect("no thread panicked with the set")
    }
}

impl SimpleBackend for Supplier {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let variable = self.variables.get(name).ok_or_else(|| {
            crate::error(format!("{name}: the model did not ask for it when it was built before"))
        })?;
        if variable.shape() != &shape {
            return Err(mismatch(name, &shape, variable.shape()));
        }
        self.asked().insert(name.to_owned());
        // Both are the variable itself, unless this name was asked for on another device or in another type before.
        variable.as_tensor().to_device(device)?.to_dtype(dtype)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let known = self.variables.get(name).filter(|_| self.asked().contains(name));
        let variable = known.ok_or_else(|| unknown_shape(name))?;
        variable.as_tensor().to_device(device)?.to_dtype(dtype)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.asked().contains(name)
    }
}
