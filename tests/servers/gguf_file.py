"""Writes a model file for llama.cpp: shape, real Qwen vocabulary, ChatML template and the given weights.

Knows nothing of what the weights do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers.vocabulary import SPECIAL, THINKING, merges, ordered_tokens, spelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensor = NDArray[np.float32]

# ChatML with tools announced and called inside tags, the way Qwen2.5 does; without tools it adds no word of its own.
CHATML = (
    "{%- if tools -%}"
    "{{ '<|im_start|>system\n' }}"
    "{%- if messages[0].role == 'system' -%}{{ messages[0].content + '\n\n' }}{%- endif -%}"
    "{{ '# Tools\n\nYou may call these functions:\n<tools>' }}"
    "{%- for tool in tools -%}{{ '\n' + (tool | tojson) }}{%- endfor -%}"
    '{{ \'\n</tools>\n\nTo call one, answer\n<tool_call>\n{"name": <name>, "arguments": <object>}\n'
    "</tool_call><|im_end|>\n' }}"
    "{%- endif -%}"
    "{%- for message in messages -%}"
    "{%- if message.role == 'tool' -%}"
    "{{ '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' }}"
    "{%- elif message.tool_calls -%}"
    "{{ '<|im_start|>assistant\n' + (message.content or '') }}"
    "{%- for call in message.tool_calls -%}"
    '{{ \'<tool_call>\n{"name": "\' + call.function.name + \'", "arguments": \' '
    "+ (call.function.arguments | tojson) + '}\n</tool_call>' }}"
    "{%- endfor -%}{{ '<|im_end|>\n' }}"
    "{%- elif not (tools and loop.first and message.role == 'system') -%}"
    "{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)


# What Qwen3 adds to it: without thinking, an empty thought is put into the model's mouth.
QWEN3 = CHATML + (
    "{%- if add_generation_prompt and enable_thinking is defined and enable_thinking is false -%}"
    "{{ '<think>\n\n</think>\n\n' }}"
    "{%- endif -%}"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of a transformer that llama.cpp must be told."""

    architecture: str
    width: int
    layers: int
    heads: int
    key_heads: int
    head_size: int
    inner: int
    rope_base: float = 1e4


@dataclass(frozen=True, slots=True)
class Model:
    """Weights that were made rather than learned; ``small`` stores the vocabulary's table in 8 bits."""

    shape: Shape
    embedding: Tensor
    output_norm: Tensor
    layers: dict[str, Tensor] = field(default_factory=dict)
    small: bool = True
    mean_pooling: bool = False
    halves: bool = False
    thinks: bool = False  # has Qwen3's template, and its marks as tokens of their own


def write_model(model: Model, path: Path, *, context: int = 32_768) -> None:
    """Write the file; every tensor of a layer that the model does not name is zero, or one in a norm."""
    import gguf

    writer = gguf.GGUFWriter(str(path), model.shape.architecture)
    _write_shape(writer, model, context)
    _write_vocabulary(writer, model)
    _write_tensors(writer, model)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def shapes_of_a_layer(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Name the tensors of one layer and say how large each is."""
    queries, keys = shape.heads * shape.head_size, shape.key_heads * shape.head_size
    return {
        "attn_q.weight": (queries, shape.width),
        "attn_k.weight": (keys, shape.width),
        "attn_v.weight": (keys, shape.width),
        "attn_output.weight": (shape.width, queries),
        "ffn_gate.weight": (shape.inner, shape.width),
        "ffn_up.weight": (shape.inner, shape.width),
        "ffn_down.weight": (shape.width, shape.inner),
        "attn_q.bias": (queries,),
        "attn_k.bias": (keys,),
        "attn_v.bias": (keys,),
        "attn_norm.weight": (shape.width,),
        "ffn_norm.weight": (shape.width,),
    }


def _write_shape(writer: Any, model: Model, context: int) -> None:
    import gguf

    shape = model.shape
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(len(model.embedding))
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if model.small else gguf.LlamaFileType.MOSTLY_F16)
    if model.mean_pooling:
        writer.add_pooling_type(gguf.PoolingType.MEAN)


def _write_vocabulary(writer: Any, model: Model) -> None:
    import gguf

    tokens = ordered_tokens()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    marks = THINKING if model.thinks else ()
    writer.add_token_list([*spelled(tokens), *SPECIAL, *marks])
    kinds = [(gguf.TokenType.NORMAL, tokens), (gguf.TokenType.CONTROL, SPECIAL), (gguf.TokenType.USER_DEFINED, marks)]
    writer.add_token_types([kind for kind, those in kinds for _ in those])
    writer.add_token_merges(merges(tokens))
    writer.add_bos_token_id(len(tokens))
    writer.add_pad_token_id(len(tokens))
    writer.add_eos_token_id(len(tokens) + SPECIAL.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(QWEN3 if model.thinks else CHATML)


def _write_tensors(writer: Any, model: Model) -> None:
    import numpy as np

    _write_table(writer, model)
    tensors = dict(model.layers)
    writer.add_tensor("output_norm.weight", model.output_norm.astype(np.float32))
    for layer in range(model.shape.layers):
        for name, size in shapes_of_a_layer(model.shape).items():
            made = np.ones(size, np.float32) if "norm" in name else np.zeros(size, np.float32)
            tensors.setdefault(f"blk.{layer}.{name}", made)
    for name, tensor in tensors.items():
        halved = model.halves and tensor.ndim == 2
        writer.add_tensor(name, np.ascontiguousarray(tensor, np.float16 if halved else np.float32))


def _write_table(writer: Any, model: Model) -> None:
    import gguf
    import numpy as np

    if model.small:
        eight_bits = gguf.GGMLQuantizationType.Q8_0
        table = gguf.quants.quantize(np.ascontiguousarray(model.embedding, np.float32), eight_bits)
        writer.add_tensor("token_embd.weight", table, raw_dtype=eight_bits)
    else:
        writer.add_tensor("token_embd.weight", model.embedding.astype(np.float16))
