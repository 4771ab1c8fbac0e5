//! Running a program for many patients.
