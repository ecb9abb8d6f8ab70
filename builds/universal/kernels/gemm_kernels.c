#include "kernels/gemm_kernels.h"

const struct gemm_kernels *gemm_kernels_for(cpu_feature_set have)
{
    for (size_t i = 0; i + 1 < gemm_kernels_count; i++)
        if (cpu_features_include(have, gemm_kernels[i].needs))
            return &gemm_kernels[i];
    return &gemm_kernels[gemm_kernels_count - 1];
}

const char *gemm_kernels_isa(size_t row)
{
    return row < gemm_kernels_count ? gemm_kernels[row].isa : NULL;
}

const struct gemm_kernels *gemm_kernels_choose(cpu_feature_set have, size_t choice, struct err *err)
{
    const struct gemm_kernels *best = gemm_kernels_for(have);
    const struct gemm_kernels *chosen = choice == 0 ? best : &gemm_kernels[choice - 1];
    if (cpu_features_include(have, chosen->needs))
        return chosen;
    err_set(err, ERR_UNSUPPORTED, "--isa=%s: this CPU lacks it, or its kernel does not allow it; %s is there",
            chosen->isa, best->isa);
    return NULL;
}
