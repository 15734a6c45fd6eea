# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from restage.checkpoint.tensors import rebuild
from restage.stages.model import Stage, StagedModel
from restage.weights.layout import ALIGNMENT, BLOCK, Block, Layout

ELEMENTS = st.integers(0, 3 * BLOCK // 4)


def names_of(layout: Layout) -> list[str]:
    return [item.name for item in layout.placed]


def stages_of(layout: Layout) -> dict[str, int]:
    """The stage whose blocks hold each weight."""
    return {
        item.name: block.stage
        for block in layout.blocks
        for item in layout.within(block)
        if item.meta.nbytes
    }


def test_weights_lie_stage_after_stage_in_the_order_of_their_names(kinds) -> None:
    layout = Layout.of(kinds)
    assert names_of(layout) == [
        'a.bias',
        'a.conv',
        'a.none',
        'a.scale',
        'b.gaps',
        'b.grad',
        'b.half',
        'b.int8',
        'b.turned',
    ]
    assert [item.offset % ALIGNMENT for item in layout.placed] == [0] * 9
    assert {name: stage for name, stage in stages_of(layout).items() if name[0] == 'a'} == {
        'a.bias': 1,
        'a.conv': 1,
        'a.scale': 1,
    }


def test_every_weight_is_rebuilt_bit_for_bit_with_its_type_and_memory_order(kinds, tools) -> None:
    layout = Layout.of(kinds)
    memory = np.full(layout.nbytes, 0xA5, np.uint8)
    layout.fill(memory, kinds)
    for item in layout.placed:
        weight = kinds.weights[item.name]
        found = rebuild(item.meta, memory[item.offset : item.end])
        if item.name == 'b.gaps':  # what has gaps is laid out without them
            assert torch.equal(found, weight)
        else:
            assert tools.same_bits(found, weight), item.name


@given(st.lists(st.tuples(st.integers(0, 3), ELEMENTS), max_size=6))
def test_no_block_holds_weights_of_two_stages_and_no_byte_is_left_out(
    sizes: list[tuple[int, int]],
) -> None:
    layout = layout_of_sizes(sizes)
    end = 0
    for item in layout.placed:
        assert item.offset >= end
        end = item.end
    blocks = layout.blocks
    assert [block.start for block in blocks[1:]] == [block.end for block in blocks[:-1]]
    assert all(0 < block.end - block.start <= BLOCK for block in blocks)
    assert [block.stage for block in blocks] == sorted(block.stage for block in blocks)
    for block in blocks:
        for item in layout.within(block):
            assert item.name.startswith(f'{block.stage}.')
    covered = {item.name for block in blocks for item in layout.within(block)}
    assert covered >= {item.name for item in layout.placed if item.meta.nbytes}
    assert layout.nbytes >= end


def layout_of_sizes(sizes: list[tuple[int, int]]) -> Layout:
    """The layout of four stages whose weights have so many elements of four bytes."""
    weights = {f'{stage}.{number}': torch.zeros(size) for number, (stage, size) in enumerate(sizes)}
    stages = tuple(
        Stage(
            name=str(stage),
            inputs=('image',),
            outputs=('detections' if stage == 3 else f't{stage}',),
            run=dict,
            weights=tuple(name for name in weights if name.startswith(f'{stage}.')),
        )
        for stage in range(4)
    )
    return Layout.of(
        StagedModel(name='m', stages=stages, class_names=(), input_size=(1, 1), weights=weights)
    )


def test_a_weight_larger_than_a_block_is_in_several_of_its_stage() -> None:
    layout = layout_of_sizes([(1, BLOCK // 2), (2, 1)])
    assert layout.blocks == (
        Block(1, 0, BLOCK),
        Block(1, BLOCK, 2 * BLOCK),
        Block(2, 2 * BLOCK, 2 * BLOCK + ALIGNMENT),
    )
    assert [names_of_block(layout, block) for block in layout.blocks] == [['1.0'], ['1.0'], ['2.1']]


def names_of_block(layout: Layout, block: Block) -> list[str]:
    return [item.name for item in layout.within(block)]


# Whose a weight is


def test_a_weight_that_two_stages_use_is_placed_once_with_the_first(tools) -> None:
    model = tools.make_model(
        {'shared': torch.ones(3), 'z': torch.zeros(3)},
        [('first', ()), ('second', ('shared',)), ('third', ('shared', 'z'))],
    )
    layout = Layout.of(model)
    assert names_of(layout) == ['shared', 'z']
    assert stages_of(layout) == {'shared': 1, 'z': 2}


def test_a_weight_with_two_names_is_placed_once_with_the_first_stage_that_uses_it(tools) -> None:
    tied = torch.ones(3)
    model = tools.make_model(
        {'embed': tied, 'out': tied}, [('first', ('embed',)), ('second', ('out',))]
    )
    layout = Layout.of(model)
    assert names_of(layout) == ['embed']
    assert stages_of(layout) == {'embed': 0}


def test_a_weight_that_no_stage_claims_counts_as_the_last_ones(tools) -> None:
    model = tools.make_model(
        {'nobodys': torch.ones(3), 'w': torch.ones(3)}, [('first', ('w',)), ('second', ())]
    )
    assert stages_of(Layout.of(model)) == {'w': 0, 'nobodys': 1}


@pytest.mark.parametrize('weights', [{}, {'empty': torch.zeros(0)}])
def test_a_model_without_weights_has_no_blocks_and_a_byte_of_memory(tools, weights) -> None:
    layout = Layout.of(tools.make_model(weights, [('only', tuple(weights))]))
    assert (layout.blocks, layout.nbytes, layout.checksums(np.zeros(1, np.uint8))) == ((), 1, ())


def test_the_same_model_is_laid_out_the_same_wherever_it_is_loaded(tools) -> None:
    assert Layout.of(tools.several_kinds()) == Layout.of(tools.several_kinds())


# Checksums


@given(st.data())
def test_the_checksum_of_a_block_is_of_all_its_bytes_and_of_no_other(data) -> None:
    layout = layout_of_sizes([(0, 40), (1, 3), (1, 90), (3, 20)])
    memory = np.zeros(layout.nbytes, np.uint8)
    clean = layout.checksums(memory)
    byte = data.draw(st.integers(0, layout.nbytes - 1))
    memory[byte] ^= np.uint8(1 << data.draw(st.integers(0, 7)))
    changed = [
        block
        for block, before, after in zip(layout.blocks, clean, layout.checksums(memory), strict=True)
        if before != after
    ]
    assert [block.start <= byte < block.end for block in changed] == [True]
