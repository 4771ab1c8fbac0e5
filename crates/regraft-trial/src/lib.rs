//! What a trial is: arms, visits, regimens, populations, endpoints.
