"""The routines of scipy that are loaded on their own are scipy's."""

import numpy as np
import pytest

from comity import special
from comity.compiled import load_compiled
from comity.verification.lapack import NEEDED, load_wrapped


def test_the_compiled_routines_give_what_scipy_s_give():
    compiled, wrapped = load_compiled("linalg", "_flapack", NEEDED), load_wrapped()
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


def test_the_special_functions_give_what_scipy_s_give():
    alone = load_compiled("special", "_special_ufuncs", special.NEEDED)
    assert alone is not None
    x = np.array([0.0, 0.3, 2.0, 40.0])
    for one in (alone, special):
        for name in ("gammainc", "gammaincc"):
            theirs = getattr(special.load_wrapped(), name)(0.4, x)
            assert (getattr(one, name)(0.4, x) == theirs).all()
        for name in ("ndtr", "log_ndtr", "gamma"):
            theirs = getattr(special.load_wrapped(), name)(x)
            assert (getattr(one, name)(x) == theirs).all()
        assert one.gammaincinv(0.4, 0.5) == special.load_wrapped().gammaincinv(0.4, 0.5)


def test_a_module_that_is_not_there_or_lacks_a_function_is_not_loaded():
    assert load_compiled("special", "_no_such_module", ()) is None
    assert load_compiled("special", "_special_ufuncs", ("no_such_function",)) is None


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 16, 41, 300])
def test_the_quantiles_of_student_s_t_are_scipy_s(degrees):
    for share in (0.5, 0.6, 0.95, 0.999):
        theirs = special.load_wrapped().stdtrit(degrees, share)
        assert special.t_quantile(share, degrees) == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("share", "degrees"), [(0.4, 3), (1.0, 3), (0.9, 0)])
def test_a_quantile_of_student_s_t_out_of_range_is_refused(share, degrees):
    with pytest.raises(ValueError, match="no quantile"):
        special.t_quantile(share, degrees)
