import numpy as np

from metrics.statistics import metric_clusters

VALUES = {"d": 0.1, "a": 0.4, "c": 0.2, "b": 0.3, "lost": float("nan")}


def test_a_metric_opens_a_cluster_when_it_differs_from_any_in_the_current_one():
    # a and b alike, c differs from a only, d from neither c nor b.
    p = {("a", "b"): 0.4, ("c", "a"): 0.01, ("b", "c"): 0.2, ("c", "d"): 0.3, ("a", "d"): 0.001}
    assert metric_clusters(VALUES, p) == [["a", "b"], ["c", "d"]]


def test_without_a_significant_difference_there_is_one_cluster():
    assert metric_clusters(VALUES, {}) == [["a", "b", "c", "d"]]
    undefined = dict.fromkeys([("a", "b"), ("b", "c")], np.nan)
    assert metric_clusters(VALUES, undefined) == [["a", "b", "c", "d"]]


def test_where_all_differ_each_stands_alone_and_nothing_has_no_cluster():
    p = {(x, y): 0.001 for x in "abcd" for y in "abcd" if x < y}
    assert metric_clusters(VALUES, p) == [["a"], ["b"], ["c"], ["d"]]
    assert metric_clusters({}, {}) == []
