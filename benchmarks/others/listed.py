"""Which models are imported, by the package that has them, as one would call them there."""

from __future__ import annotations

MODELS: dict[str, tuple[str, ...]] = {
    package: tuple(names.split())
    for package, names in {
        "torch": "LSTMCls",
        "timm": """
            beit_base_patch16_224 halonet_h1 mobileone_s1 cait_xxs24_224 csatv2 davit_tiny
            deit_tiny_patch16_224 dla34 efficientformerv2_s0 tinynet_c efficientvim_m1 efficientvit_m0
            eva02_tiny_patch14_224 fasternet_t0 gcvit_xxtiny ghostnet_050 hardcorenas_b hgnetv2_b0
            hiera_tiny_224 inception_next_atto inception_resnet_v2 inception_v4 lcnetv2_small lowformer_b0
            poolformerv2_s12 gmlp_ti16_224 lcnet_035 mobilevit_xxs nfnet_f0 pit_ti_224 pnasnet5large
            qwen3_vit_88m regnetx_002 repvit_m1 resnest14d resnetv2_18 selecsls42 skresnet18
            swiftformer_xs swinv2_cr_tiny_224 tiny_vit_5m_224 vgg11 visformer_tiny flexivit_small
            samvit_base_patch16_224 volo_d1_224 ese_vovnet19b_dw xception41p""",
        "torchvision": """
            alexnet det/fcos_resnet50_fpn det/retinanet_resnet50_fpn det/ssdlite320_mobilenet_v3_large
            efficientnet_b0 inception_v3 maxvit_t mnasnet0_5 mobilenet_v3_small resnet50
            shufflenet_v2_x0_5 swin_v2_t video/mc3_18 video/r2plus1d_18 video/r3d_18 video/s3d
            wide_resnet50_2""",
        "transformers": """
            albert bart beit blenderbot clip cohere convnextv2 ctrl data2vec-audio dinov3_vit distilbert
            dpt falcon fnet focalnet funnel gemma gemma2 gpt_oss gptj granite hubert ibert levit lfm2
            llama longt5 mamba mbart mobilenet_v2 mobilevit mpnet nystromformer olmo2 opt patchtst
            perceiver phi phi3 pvt_v2 qwen3 reformer resnet roberta rwkv segformer squeezebert stablelm
            swin swinv2 timesformer unispeech-sat videomae vit vivit wav2vec2 wavlm whisper xlm""",
        "torchaudio": "Conformer DeepSpeech HDemucs wav2vec2",
        "segmentation_models_pytorch": """
            DeepLabV3 MAnet PAN UPerNet Unet-mit_b0 Unet-timm-regnetx_002 UnetPlusPlus""",
        "monai": """
            AutoEncoder AutoencoderKL BasicUNet DiffusionModelUNet DynUNet FlexibleUNet HighResNet HoVerNet
            SwinUNETR UNet VarAutoEncoder""",
        "diffusers": "AutoencoderKL UNet2D",
        "vit_pytorch": """
            cait crossformer cvt learnable_memory_vit levit local_vit mobile_vit pit simple_vit
            vit_for_small_dataset vit_with_patch_merger""",
        "x_transformers": "decoder-rope-glu",
        "pytorchcv": """
            alphapose_fastseresnet101b_coco cgnet_cityscapes diracnet18v2 dpn68 fbnet_cb ibn_resnet50
            icnet_resnetd50b_cityscapes menet108_8x1_g3 mixnet_s mobilenetv2_wd4 pyramidnet110_a48_cifar10
            resdropresnet20_cifar10 resnet10 resnext14_16x4d rir_cifar10 ror3_56_cifar10 selecsls42
            seresnext50_32x4d shakedropresnet20_cifar10 shufflenet_g1_wd4 shufflenetv2_wd2
            simplepose_resnet18_coco sinet_cityscapes sknet50 squeezenet_v1_0 vovnet27s xception""",
        "torch_geometric": "GAT GraphSAGE",
    }.items()
}
