//! Integrating many small ODE systems side by side.
