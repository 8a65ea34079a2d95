"""The LAPACK routines loaded on their own are scipy's."""

import numpy as np

from comity.verification.lapack import load_compiled, load_wrapped


def test_the_compiled_routines_give_what_scipy_s_give():
    compiled, wrapped = load_compiled(), load_wrapped()
    assert compiled is not None
    band = np.array([[4.0, 5.0, 6.0], [1.0, 0.5, 0.0]], order="F")
    right = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], order="F")
    ours, theirs = (m.dpbtrf(band, lower=1)[0] for m in (compiled, wrapped))
    assert (ours == theirs).all()
    dense = np.array([[4.0, 1.0, 0.0], [1.0, 5.0, 0.5], [0.0, 0.5, 6.0]])
    solved = compiled.dpbtrs(ours, right, lower=1)[0]
    assert np.allclose(dense @ solved, right)
    assert np.allclose(
        compiled.dpotrs(compiled.dpotrf(dense, lower=1)[0], right, lower=1)[0], solved
    )
    back = compiled.dtbtrs(ours, right, uplo="L", trans="T")[0]
    assert (back == wrapped.dtbtrs(ours, right, uplo="L", trans="T")[0]).all()


def test_scipy_works_as_ever_after_the_routines_were_loaded():
    from scipy import optimize

    assert optimize.brentq(lambda x: x - 2.0, 0.0, 5.0) == 2.0
