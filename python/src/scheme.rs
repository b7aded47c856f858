//! Schemes and PyTorch's random stream.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use half::{bf16, f16};
use nn_init::{InitError, Layout, Scheme as DataScheme};
use numpy::{PyReadwriteArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use torch_rng::{Generator, Source};

use crate::errors::{unlocked, value_error};

/// PyTorch's CPU generator: the numbers of `torch.Generator().manual_seed(seed)`.
#[pyclass(module = "step_zero", frozen)]
pub(crate) struct TorchGenerator(Mutex<Generator>);

impl TorchGenerator {
    fn locked(&self) -> MutexGuard<'_, Generator> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl TorchGenerator {
    #[new]
    #[pyo3(signature = (seed=0))]
    fn new(seed: u64) -> Self {
        Self(Mutex::new(Generator::manual_seed(seed)))
    }

    /// The seed that the generator was made with.
    #[getter]
    fn initial_seed(&self) -> u64 {
        self.locked().initial_seed()
    }

    /// The state in the bytes of `torch.Generator.get_state()`.
    fn get_state(&self) -> Cow<'static, [u8]> {
        self.locked().state().into()
    }

    /// Goes on from a state of `torch.Generator.get_state()`.
    fn set_state(&self, state: Vec<u8>) -> PyResult<()> {
        *self.locked() = Generator::from_state(&state).map_err(value_error)?;
        Ok(())
    }

    /// `torch.randperm(n)`.
    fn permutation(&self, n: usize) -> Vec<usize> {
        Source::<f32>::permutation(&mut *self.locked(), n)
    }
}

/// The way in which a tensor is filled.
#[pyclass(module = "step_zero._native", frozen)]
pub(crate) struct Scheme(DataScheme);

#[pymethods]
impl Scheme {
    #[new]
    fn new(text: &str) -> PyResult<Self> {
        text.parse().map(Self).map_err(value_error)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    /// The expected mean, standard deviation, skew and kurtosis of a tensor of a shape.
    #[pyo3(signature = (shape, layout="out_in", groups=1))]
    fn moments(&self, shape: Vec<usize>, layout: &str, groups: usize) -> PyResult<(f64, f64, f64, f64)> {
        let moments = self.0.moments(&shape, layout_of(layout, groups)?).map_err(value_error)?;
        Ok((moments.mean, moments.std, moments.skew, moments.kurtosis))
    }

    /// Fills a contiguous array in place. `dtype` is `f16` or `bf16` for an array of `uint16` that holds their bits.
    #[pyo3(signature = (array, generator, layout="out_in", groups=1, dtype=None))]
    fn fill(
        &self,
        py: Python<'_>,
        array: &Bound<'_, PyAny>,
        generator: &TorchGenerator,
        layout: &str,
        groups: usize,
        dtype: Option<&str>,
    ) -> PyResult<()> {
        self.fill_array(py, array, dtype, generator, layout_of(layout, groups)?)
    }
}

impl Scheme {
    fn fill_array(
        &self,
        py: Python<'_>,
        array: &Bound<'_, PyAny>,
        dtype: Option<&str>,
        generator: &TorchGenerator,
        layout: Layout,
    ) -> PyResult<()> {
        let scheme = self.0;
        let contiguous = |_| value_error("the array is not contiguous: fill numpy.ascontiguousarray of it");
        let filled = if let Ok(mut array) = array.extract::<PyReadwriteArrayDyn<'_, f32>>() {
            let shape = array.shape().to_vec();
            let out = array.as_slice_mut().map_err(contiguous)?;
            unlocked(py, || scheme.fill(&shape, layout, out, &mut *generator.locked()))
        } else if let Ok(mut array) = array.extract::<PyReadwriteArrayDyn<'_, f64>>() {
            let shape = array.shape().to_vec();
            let out = array.as_slice_mut().map_err(contiguous)?;
            unlocked(py, || scheme.fill(&shape, layout, out, &mut *generator.locked()))
        } else if let (Ok(mut array), Some(dtype)) = (array.extract::<PyReadwriteArrayDyn<'_, u16>>(), dtype)
        {
            let shape = array.shape().to_vec();
            let bits = array.as_slice_mut().map_err(contiguous)?;
            unlocked(py, || fill_half(scheme, &shape, layout, bits, dtype, &mut generator.locked()))
        } else {
            let found =
                array.getattr("dtype").map_or_else(|_| array.get_type().to_string(), |t| t.to_string());
            return Err(PyTypeError::new_err(format!(
                "an array to fill must be a writeable NumPy array of float32 or float64, not {found}"
            )));
        };
        filled?.map_err(value_error)
    }
}

fn fill_half(
    scheme: DataScheme,
    shape: &[usize],
    layout: Layout,
    bits: &mut [u16],
    dtype: &str,
    generator: &mut Generator,
) -> Result<(), InitError> {
    if dtype == "bf16" {
        scheme.fill_half::<bf16>(shape, layout, bytemuck::cast_slice_mut(bits), generator)
    } else {
        scheme.fill_half::<f16>(shape, layout, bytemuck::cast_slice_mut(bits), generator)
    }
}

/// The layouts by the names of rules files.
fn layout_of(name: &str, groups: usize) -> PyResult<Layout> {
    let layout = match name {
        "out_in" => Layout::OUT_IN,
        "in_out" => Layout::IN_OUT,
        "in_out_kernel" => Layout::IN_OUT_KERNEL,
        "kernel_out_in" => Layout::KERNEL_OUT_IN,
        other => {
            let names = "out_in, in_out, in_out_kernel, kernel_out_in";
            return Err(value_error(format!("unknown layout `{other}`: it must be one of {names}")));
        }
    };
    if groups == 0 {
        return Err(value_error("groups must be 1 or more"));
    }
    Ok(if groups > 1 { layout.grouped(groups) } else { layout })
}
