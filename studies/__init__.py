"""Whole studies from one configuration file: data, training, generation, people, metrics, tables.

The top room: it may import every other one, none imports it.
"""
