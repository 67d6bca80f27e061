// Where Dawn finds a Vulkan driver. A machine without a GPU has SwiftShader in the folder of its Chromium.
import { existsSync } from "node:fs";
import { join } from "node:path";

const CHROMIUM_FOLDERS = ["/usr/lib/chromium", "/usr/lib64/chromium-browser", "/opt/google/chrome"];
const DRIVER = "vk_swiftshader_icd.json";

/**
 * The variables of the environment with which a new process finds SwiftShader; none where the user has named a driver, or
 * where no Chromium is installed. The loader reads them at the start of a process, so that setting them later is no use.
 */
export function vulkanEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  if (env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES) return {};
  const folder = CHROMIUM_FOLDERS.find((path) => existsSync(join(path, DRIVER)));
  if (folder === undefined) return {};
  const libraries = [folder, env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return { VK_ICD_FILENAMES: join(folder, DRIVER), LD_LIBRARY_PATH: libraries };
}
