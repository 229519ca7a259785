"""The options of the estimators. Written by tools/python_stubs.sh."""

from collections.abc import Sequence
from typing import Any

from sklearn.base import BaseEstimator

def option_fields(task: str) -> list[tuple[str, str, str, str, list[str], str]]: ...

class OptionsBase(BaseEstimator):
    _task: str
    _names: tuple[str, ...]
    def __init__(self, **options: Any) -> None: ...
    def given_options(self) -> dict[str, Any]: ...

class ClassifyOptions(OptionsBase):
    alpha: float | None
    amsgrad: bool | None
    attention_blocks: int | None
    attention_window: int | None
    augment: Sequence[str] | None
    average_interval: int | None
    batch: int | None
    beta1: float | None
    beta2: float | None
    bidirectional: bool | None
    block: str | None
    block_conv: int | None
    cell: str | None
    cells: Sequence[str] | None
    centered: bool | None
    checkpoint_every: str | float | None
    chrono_steps: int | None
    class_weights: str | None
    classes: Sequence[str] | None
    clip: float | None
    clip_value: float | None
    conv: Sequence[int] | None
    cooldown: int | None
    decay: float | None
    decay_every: int | None
    decay_vectors: bool | None
    dropout: float | None
    embedding: int | None
    embedding_dropout: float | None
    epochs: float | None
    epsilon: float | None
    filter_kernels: Sequence[int] | None
    filter_stride: int | None
    filters: Sequence[int] | None
    forget_bias: float | None
    freeze_vectors: bool | None
    from_model: str | None
    heads: int | None
    hidden: int | None
    hold: int | None
    init: str | None
    int8_training: bool | None
    keep: str | None
    kernel_steps: int | None
    kernels: Sequence[int] | None
    l1: float | None
    layer_blocks: Sequence[str] | None
    layer_norm: bool | None
    layers: int | None
    locked_dropout: bool | None
    log_every: int | None
    lower_case: bool | None
    lr: float | None
    lr_floor: float | None
    members: int | None
    memory_heads: int | None
    milestones: Sequence[int] | None
    min_count: int | None
    mlp: Sequence[int] | None
    mlp_steps: int | None
    momentum: float | None
    most_steps: int | None
    nesterov: bool | None
    network: str | None
    ngram_characters: int | None
    ngrams: int | None
    optimizer: str | None
    patience: int | None
    plateau_patience: int | None
    plateau_threshold: float | None
    pooling: str | None
    positions: int | None
    precision: str | None
    random_kernels: int | None
    recompute: int | None
    recurrent_dropout: float | None
    scaler: str | None
    schedule: str | None
    seed: int | None
    select: str | None
    smoothing: float | None
    sparse_begin: float | None
    sparse_block: str | None
    sparse_end: float | None
    sparsity: float | None
    split_punctuation: bool | None
    steps: int | None
    stride: int | None
    subword_model: str | None
    subword_sample: int | None
    threads: int | None
    time: str | float | None
    tokens: str | None
    trace_gradients: int | None
    valid: float | None
    validate_every: int | None
    vectors: str | None
    vocabulary: int | None
    warmup: int | None
    weight_decay: float | None
    weight_drop: float | None
    widths: Sequence[int] | None
    zoneout: float | None
    zoneout_inner: float | None
    def __init__(
        self,
        *,
        alpha: float | None = None,
        amsgrad: bool | None = None,
        attention_blocks: int | None = None,
        attention_window: int | None = None,
        augment: Sequence[str] | None = None,
        average_interval: int | None = None,
        batch: int | None = None,
        beta1: float | None = None,
        beta2: float | None = None,
        bidirectional: bool | None = None,
        block: str | None = None,
        block_conv: int | None = None,
        cell: str | None = None,
        cells: Sequence[str] | None = None,
        centered: bool | None = None,
        checkpoint_every: str | float | None = None,
        chrono_steps: int | None = None,
        class_weights: str | None = None,
        classes: Sequence[str] | None = None,
        clip: float | None = None,
        clip_value: float | None = None,
        conv: Sequence[int] | None = None,
        cooldown: int | None = None,
        decay: float | None = None,
        decay_every: int | None = None,
        decay_vectors: bool | None = None,
        dropout: float | None = None,
        embedding: int | None = None,
        embedding_dropout: float | None = None,
        epochs: float | None = None,
        epsilon: float | None = None,
        filter_kernels: Sequence[int] | None = None,
        filter_stride: int | None = None,
        filters: Sequence[int] | None = None,
        forget_bias: float | None = None,
        freeze_vectors: bool | None = None,
        from_model: str | None = None,
        heads: int | None = None,
        hidden: int | None = None,
        hold: int | None = None,
        init: str | None = None,
        int8_training: bool | None = None,
        keep: str | None = None,
        kernel_steps: int | None = None,
        kernels: Sequence[int] | None = None,
        l1: float | None = None,
        layer_blocks: Sequence[str] | None = None,
        layer_norm: bool | None = None,
        layers: int | None = None,
        locked_dropout: bool | None = None,
        log_every: int | None = None,
        lower_case: bool | None = None,
        lr: float | None = None,
        lr_floor: float | None = None,
        members: int | None = None,
        memory_heads: int | None = None,
        milestones: Sequence[int] | None = None,
        min_count: int | None = None,
        mlp: Sequence[int] | None = None,
        mlp_steps: int | None = None,
        momentum: float | None = None,
        most_steps: int | None = None,
        nesterov: bool | None = None,
        network: str | None = None,
        ngram_characters: int | None = None,
        ngrams: int | None = None,
        optimizer: str | None = None,
        patience: int | None = None,
        plateau_patience: int | None = None,
        plateau_threshold: float | None = None,
        pooling: str | None = None,
        positions: int | None = None,
        precision: str | None = None,
        random_kernels: int | None = None,
        recompute: int | None = None,
        recurrent_dropout: float | None = None,
        scaler: str | None = None,
        schedule: str | None = None,
        seed: int | None = None,
        select: str | None = None,
        smoothing: float | None = None,
        sparse_begin: float | None = None,
        sparse_block: str | None = None,
        sparse_end: float | None = None,
        sparsity: float | None = None,
        split_punctuation: bool | None = None,
        steps: int | None = None,
        stride: int | None = None,
        subword_model: str | None = None,
        subword_sample: int | None = None,
        threads: int | None = None,
        time: str | float | None = None,
        tokens: str | None = None,
        trace_gradients: int | None = None,
        valid: float | None = None,
        validate_every: int | None = None,
        vectors: str | None = None,
        vocabulary: int | None = None,
        warmup: int | None = None,
        weight_decay: float | None = None,
        weight_drop: float | None = None,
        widths: Sequence[int] | None = None,
        zoneout: float | None = None,
        zoneout_inner: float | None = None,
    ) -> None: ...

class ForecastOptions(OptionsBase):
    alpha: float | None
    amsgrad: bool | None
    attention: bool | None
    attention_window: int | None
    average_interval: int | None
    base: str | None
    batch: int | None
    beta1: float | None
    beta2: float | None
    bidirectional: bool | None
    blend: float | None
    block: str | None
    block_conv: int | None
    calendar: bool | None
    cell: str | None
    cells: Sequence[str] | None
    center: str | None
    centered: bool | None
    checkpoint_every: str | float | None
    chrono_steps: int | None
    clip: float | None
    clip_value: float | None
    context: int | None
    cooldown: int | None
    decay: float | None
    decay_every: int | None
    decay_vectors: bool | None
    decoder: str | None
    dilations: Sequence[int] | None
    dropout: float | None
    epochs: float | None
    epsilon: float | None
    forget_bias: float | None
    from_model: str | None
    head: str | None
    hidden: int | None
    highway: int | None
    hold: int | None
    horizon: int | None
    identity: str | None
    identity_features: int | None
    init: str | None
    int8_training: bool | None
    l1: float | None
    lags: Sequence[int] | None
    layer_blocks: Sequence[str] | None
    layer_norm: bool | None
    layers: int | None
    least_past: int | None
    locked_dropout: bool | None
    log: bool | None
    log_every: int | None
    lr: float | None
    lr_floor: float | None
    members: int | None
    memory_heads: int | None
    milestones: Sequence[int] | None
    momentum: float | None
    nesterov: bool | None
    optimizer: str | None
    patience: int | None
    plateau_patience: int | None
    plateau_threshold: float | None
    precision: str | None
    quantiles: int | None
    recompute: int | None
    recurrent_dropout: float | None
    refit: str | None
    sampling: str | None
    scaler: str | None
    schedule: str | None
    season: int | None
    seed: int | None
    segment: int | None
    select: str | None
    sparse_begin: float | None
    sparse_block: str | None
    sparse_end: float | None
    sparsity: float | None
    steps: int | None
    threads: int | None
    time: str | float | None
    trace_gradients: int | None
    valid: float | None
    validate_every: int | None
    warmup: int | None
    weight_decay: float | None
    weight_drop: float | None
    widths: Sequence[int] | None
    zoneout: float | None
    zoneout_inner: float | None
    def __init__(
        self,
        *,
        alpha: float | None = None,
        amsgrad: bool | None = None,
        attention: bool | None = None,
        attention_window: int | None = None,
        average_interval: int | None = None,
        base: str | None = None,
        batch: int | None = None,
        beta1: float | None = None,
        beta2: float | None = None,
        bidirectional: bool | None = None,
        blend: float | None = None,
        block: str | None = None,
        block_conv: int | None = None,
        calendar: bool | None = None,
        cell: str | None = None,
        cells: Sequence[str] | None = None,
        center: str | None = None,
        centered: bool | None = None,
        checkpoint_every: str | float | None = None,
        chrono_steps: int | None = None,
        clip: float | None = None,
        clip_value: float | None = None,
        context: int | None = None,
        cooldown: int | None = None,
        decay: float | None = None,
        decay_every: int | None = None,
        decay_vectors: bool | None = None,
        decoder: str | None = None,
        dilations: Sequence[int] | None = None,
        dropout: float | None = None,
        epochs: float | None = None,
        epsilon: float | None = None,
        forget_bias: float | None = None,
        from_model: str | None = None,
        head: str | None = None,
        hidden: int | None = None,
        highway: int | None = None,
        hold: int | None = None,
        horizon: int | None = None,
        identity: str | None = None,
        identity_features: int | None = None,
        init: str | None = None,
        int8_training: bool | None = None,
        l1: float | None = None,
        lags: Sequence[int] | None = None,
        layer_blocks: Sequence[str] | None = None,
        layer_norm: bool | None = None,
        layers: int | None = None,
        least_past: int | None = None,
        locked_dropout: bool | None = None,
        log: bool | None = None,
        log_every: int | None = None,
        lr: float | None = None,
        lr_floor: float | None = None,
        members: int | None = None,
        memory_heads: int | None = None,
        milestones: Sequence[int] | None = None,
        momentum: float | None = None,
        nesterov: bool | None = None,
        optimizer: str | None = None,
        patience: int | None = None,
        plateau_patience: int | None = None,
        plateau_threshold: float | None = None,
        precision: str | None = None,
        quantiles: int | None = None,
        recompute: int | None = None,
        recurrent_dropout: float | None = None,
        refit: str | None = None,
        sampling: str | None = None,
        scaler: str | None = None,
        schedule: str | None = None,
        season: int | None = None,
        seed: int | None = None,
        segment: int | None = None,
        select: str | None = None,
        sparse_begin: float | None = None,
        sparse_block: str | None = None,
        sparse_end: float | None = None,
        sparsity: float | None = None,
        steps: int | None = None,
        threads: int | None = None,
        time: str | float | None = None,
        trace_gradients: int | None = None,
        valid: float | None = None,
        validate_every: int | None = None,
        warmup: int | None = None,
        weight_decay: float | None = None,
        weight_drop: float | None = None,
        widths: Sequence[int] | None = None,
        zoneout: float | None = None,
        zoneout_inner: float | None = None,
    ) -> None: ...

class TagOptions(OptionsBase):
    alpha: float | None
    amsgrad: bool | None
    attention_blocks: int | None
    attention_window: int | None
    average_interval: int | None
    batch: int | None
    beta1: float | None
    beta2: float | None
    bidirectional: bool | None
    block: str | None
    block_conv: int | None
    cell: str | None
    cells: Sequence[str] | None
    centered: bool | None
    char_embedding: int | None
    char_hidden: int | None
    characters: str | None
    checkpoint_every: str | float | None
    chrono_steps: int | None
    clip: float | None
    clip_value: float | None
    cooldown: int | None
    decay: float | None
    decay_every: int | None
    decay_vectors: bool | None
    dropout: float | None
    embedding: int | None
    epochs: float | None
    epsilon: float | None
    forget_bias: float | None
    from_model: str | None
    heads: int | None
    hidden: int | None
    hold: int | None
    init: str | None
    int8_training: bool | None
    l1: float | None
    layer_blocks: Sequence[str] | None
    layer_norm: bool | None
    layers: int | None
    locked_dropout: bool | None
    log_every: int | None
    lower_case: bool | None
    lr: float | None
    lr_floor: float | None
    memory_heads: int | None
    milestones: Sequence[int] | None
    min_char_count: int | None
    min_count: int | None
    momentum: float | None
    nesterov: bool | None
    optimizer: str | None
    output: str | None
    patience: int | None
    plateau_patience: int | None
    plateau_threshold: float | None
    precision: str | None
    recompute: int | None
    recurrent_dropout: float | None
    schedule: str | None
    seed: int | None
    sparse_begin: float | None
    sparse_block: str | None
    sparse_end: float | None
    sparsity: float | None
    steps: int | None
    threads: int | None
    time: str | float | None
    trace_gradients: int | None
    valid: float | None
    validate_every: int | None
    vectors: str | None
    warmup: int | None
    weight_decay: float | None
    weight_drop: float | None
    widths: Sequence[int] | None
    word_dropout: float | None
    zoneout: float | None
    zoneout_inner: float | None
    def __init__(
        self,
        *,
        alpha: float | None = None,
        amsgrad: bool | None = None,
        attention_blocks: int | None = None,
        attention_window: int | None = None,
        average_interval: int | None = None,
        batch: int | None = None,
        beta1: float | None = None,
        beta2: float | None = None,
        bidirectional: bool | None = None,
        block: str | None = None,
        block_conv: int | None = None,
        cell: str | None = None,
        cells: Sequence[str] | None = None,
        centered: bool | None = None,
        char_embedding: int | None = None,
        char_hidden: int | None = None,
        characters: str | None = None,
        checkpoint_every: str | float | None = None,
        chrono_steps: int | None = None,
        clip: float | None = None,
        clip_value: float | None = None,
        cooldown: int | None = None,
        decay: float | None = None,
        decay_every: int | None = None,
        decay_vectors: bool | None = None,
        dropout: float | None = None,
        embedding: int | None = None,
        epochs: float | None = None,
        epsilon: float | None = None,
        forget_bias: float | None = None,
        from_model: str | None = None,
        heads: int | None = None,
        hidden: int | None = None,
        hold: int | None = None,
        init: str | None = None,
        int8_training: bool | None = None,
        l1: float | None = None,
        layer_blocks: Sequence[str] | None = None,
        layer_norm: bool | None = None,
        layers: int | None = None,
        locked_dropout: bool | None = None,
        log_every: int | None = None,
        lower_case: bool | None = None,
        lr: float | None = None,
        lr_floor: float | None = None,
        memory_heads: int | None = None,
        milestones: Sequence[int] | None = None,
        min_char_count: int | None = None,
        min_count: int | None = None,
        momentum: float | None = None,
        nesterov: bool | None = None,
        optimizer: str | None = None,
        output: str | None = None,
        patience: int | None = None,
        plateau_patience: int | None = None,
        plateau_threshold: float | None = None,
        precision: str | None = None,
        recompute: int | None = None,
        recurrent_dropout: float | None = None,
        schedule: str | None = None,
        seed: int | None = None,
        sparse_begin: float | None = None,
        sparse_block: str | None = None,
        sparse_end: float | None = None,
        sparsity: float | None = None,
        steps: int | None = None,
        threads: int | None = None,
        time: str | float | None = None,
        trace_gradients: int | None = None,
        valid: float | None = None,
        validate_every: int | None = None,
        vectors: str | None = None,
        warmup: int | None = None,
        weight_decay: float | None = None,
        weight_drop: float | None = None,
        widths: Sequence[int] | None = None,
        word_dropout: float | None = None,
        zoneout: float | None = None,
        zoneout_inner: float | None = None,
    ) -> None: ...
