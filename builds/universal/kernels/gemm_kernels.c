#include "kernels/gemm_kernels.h"

const struct gemm_kernels *gemm_kernels_for(cpu_feature_set have)
{
    for (size_t i = 0; i + 1 < gemm_kernels_count; i++)
        if (cpu_features_include(have, gemm_kernels[i].needs))
            return &gemm_kernels[i];
    return &gemm_kernels[gemm_kernels_count - 1];
}
