"""Which models are tried beside the list, of other families: `python -m benchmarks.imports --own`."""

from __future__ import annotations

OWN: dict[str, tuple[str, ...]] = {
    package: tuple(names.split())
    for package, names in {
        "timm": """
            coat_lite_tiny convit_tiny crossvit_9_240 densenet121 edgenext_xx_small fastvit_t8
            hrnet_w18_small levit_128s mambaout_femto mvitv2_tiny mobilevitv2_050 nest_tiny
            res2net50_14w_8s rexnet_100 sequencer2d_s starnet_s1 swin_tiny_patch4_window7_224""",
        "torchvision": "densenet121 squeezenet1_1 googlenet regnet_y_400mf",
        "transformers": """
            bert electra deberta deberta-v2 big_bird bigbird_pegasus longformer led t5 pegasus marian
            convbert canine roformer mobilebert gpt2 gpt_neo bloom codegen mpt mixtral mistral qwen2_moe
            olmoe deepseek_v3 jamba mamba2 falcon_mamba recurrent_gemma zamba2 granitemoe lxmert
            layoutlm lilt visual_bert flava siglip align groupvit owlvit clipseg blip git detr
            conditional_detr deformable_detr yolos maskformer mask2former regnet poolformer glpn cvt
            vit_mae sew sew-d wav2vec2-conformer wav2vec2-bert speech_to_text moonshine
            audio-spectrogram-transformer informer autoformer time_series_transformer patchtsmixer
            decision_transformer yoso mra fsmt switch_transformers vilt""",
    }.items()
}
"""The last two are known to fail: their Python does one thing after another for what the values say."""
